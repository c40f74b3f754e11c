import ControlLoop
import Objects
import Pods

// Where a pod's priority comes from: a class, looked up once, when the pod is created. A class that is changed or deleted
// later changes no pod. (Kubernetes: the admission plugin Priority.)

enum PriorityAdmission {
  static let pods = AdmissionStep("Priority", resource: "pods", admit: admitPod)
  static let classes = AdmissionStep("Priority", resource: PriorityClass.kind.groupResource, admit: admitClass)

  @Sendable private static func admitPod(
    _ request: AdmissionRequest, _ object: inout Value
  ) throws(StatusError) {
    var pod = Pod(json: object)
    switch request.operation {
    case .create:
      let found = try priorityClass(of: pod, request)
      if let found { pod.spec.priorityClassName = found.name }
      let (priority, policy) = (found?.value ?? 0, found?.preemptionPolicy ?? .lower)
      if let given = pod.spec.priority, given != priority {
        throw .forbidden(
          request.key,
          "the integer value of priority (\(given)) must not be provided in pod spec; priority admission controller "
            + "computed \(priority) from the given PriorityClass name")
      }
      if let given = pod.spec.preemptionPolicy, given != policy {
        throw .forbidden(
          request.key,
          "the string value of PreemptionPolicy (\(given.rawValue)) must not be provided in pod spec; priority "
            + "admission controller computed \(policy.rawValue) from the given PriorityClass name")
      }
      pod.spec.priority = priority
      pod.spec.preemptionPolicy = policy
    case .update where request.subresource == nil:
      // Clients that write the whole pod may leave out what they did not set.
      let old = Pod(json: request.old ?? .emptyObject).spec
      pod.spec.priority = pod.spec.priority ?? old.priority
      pod.spec.preemptionPolicy = pod.spec.preemptionPolicy ?? old.preemptionPolicy
    default: return
    }
    object = pod.json
  }

  private static func priorityClass(
    of pod: Pod, _ request: AdmissionRequest
  ) throws(StatusError) -> PriorityClass? {
    guard let name = pod.spec.priorityClassName, !name.isEmpty else { return defaultClass(in: request.view) }
    if let found = request.view.object(PriorityClass.self, name) { return found }
    throw .forbidden(request.key, "no PriorityClass with name \(name) was found")
  }

  @Sendable private static func admitClass(
    _ request: AdmissionRequest, _ object: inout Value
  ) throws(StatusError) {
    let new = PriorityClass(json: object)
    guard request.operation != .delete, new.globalDefault == true, let other = defaultClass(in: request.view),
      other.name != new.name
    else { return }
    throw .forbidden(
      request.key, "PriorityClass \(other.name) is already marked as default. Only one default can exist")
  }

  // Two may have been made at the same time: then the lower one counts.
  private static func defaultClass(in view: View) -> PriorityClass? {
    view.all(PriorityClass.self).filter { $0.globalDefault == true }.min { $0.value ?? 0 < $1.value ?? 0 }
  }
}
