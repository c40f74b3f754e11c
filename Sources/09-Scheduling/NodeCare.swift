import ControlLoop
import Objects
import Pods
import Simulation

extension Layer {
  /// The second half of the chapter: taints, priorities, and what becomes of the pods of nodes that fail.
  mutating func addNodeCare() {
    kinds.append(PriorityClass.kind)
    extensions += [
      FacetExtension(of: NodeSpec.self, with: NodeTaints.self),
      FacetExtension(of: PodSpec.self, with: PodTolerations.self),
      FacetExtension(of: PodSpec.self, with: PodPriority.self),
    ]
    let before = amendments["pods"]
    amendments["pods"] = { kind in
      before?(&kind)
      Kind.letTolerationsGrow(&kind)
      Kind.letPodsBeEvicted(&kind)
      Kind.endNominations(&kind)
    }
    admission += [TaintAdmission.nodes, TaintAdmission.pods, PriorityAdmission.pods, PriorityAdmission.classes]
    controllers +=
      [
        NodeTaintController(), ZoneEvictionController(), TaintEvictionController(), UnreadyPodsController(),
      ] as [any Controller]
    invariants += EvictionPromises.all
    initialObjects += PriorityClass.system.map(\.json)
    contributions += UserAction.taints
  }
}
