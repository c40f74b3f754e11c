import ControlLoop
import Objects

extension Pod {
  /// What is worth telling people: the differences between the status that the API has and the new one. So a restarted
  /// agent tells nothing twice.
  func notes(on new: PodStatus) -> [Note] {
    var notes: [Note] = []
    let groups = [
      ("initContainers", self.status.initContainerStatuses, new.initContainerStatuses),
      ("containers", self.status.containerStatuses, new.containerStatuses),
    ]
    for (field, before, after) in groups {
      for status in after {
        let old = before.first { $0.name == status.name } ?? ContainerStatus()
        for (type, reason, message) in self.notes(on: status, after: old) {
          let path = "spec.\(field){\(status.name ?? "")}"
          notes.append(Note(type: type, reason: reason, message: message, about: json, fieldPath: path))
        }
      }
    }
    return notes
  }

  private func notes(on new: ContainerStatus, after old: ContainerStatus) -> [(Note.Kind, String, String)] {
    let (name, image) = (new.name ?? "", new.image ?? "")
    var notes: [(Note.Kind, String, String)] = []
    if let id = new.containerID, id != old.containerID {
      notes.append((.normal, "Pulled", "Container image \"\(image)\" already present on machine"))
      notes.append((.normal, "Created", "Created container: \(name)"))
      notes.append((.normal, "Started", "Started container \(name)"))
    }
    guard let waiting = new.state.waiting, let reason = waiting.reason, reason != old.state.waiting?.reason else {
      return notes
    }
    switch reason {
    case "ContainerCreating", "PodInitializing": break
    case "CrashLoopBackOff":
      let sentence = "Back-off restarting failed container \(name) in pod \(longName)"
      notes.append((.warning, "BackOff", sentence))
    case "ImagePullBackOff":
      notes.append((.normal, "BackOff", "Back-off pulling image \"\(image)\""))
      notes.append((.warning, "Failed", "Error: \(reason)"))
    case "ErrImagePull":
      notes.append((.warning, "Failed", "Failed to pull image \"\(image)\": \(waiting.message ?? "")"))
      notes.append((.warning, "Failed", "Error: \(reason)"))
    default:
      notes.append((.warning, "Failed", "Error: \(waiting.message ?? reason)"))
    }
    return notes
  }
}
