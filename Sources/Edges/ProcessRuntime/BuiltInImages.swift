// What the process runtime runs for an image. A few images are built in, so that the first commands of a tutorial work
// on a machine without a network; every other image stands for a command that is on this machine already.

import Pods

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

enum BuiltInImage: String, CaseIterable {
  case helloWorld = "hello-world"
  case pause
  case shell
  case shop
  case web
}

/// What starting a container with some image means.
enum ImageResolution: Equatable {
  case command([String], imageID: String)
  case refused(reason: String, message: String)

  /// - Parameter executable: the program that answers to `image NAME` with the built-in image.
  init(_ configuration: ContainerConfiguration, executable: String) {
    let image = configuration.image
    guard let reference = ImageReference(image) else {
      self = .refused(
        reason: "InvalidImageName",
        message: "\"\(image)\" is not an image reference: expected [registry/]name[:tag][@digest] in lower case")
      return
    }
    let builtIn = BuiltInImage(rawValue: String(reference.shortName))
    let imageID = builtIn.map { "builtin://\($0.rawValue)" } ?? "host://\(image)"
    let given = configuration.command + configuration.arguments
    switch builtIn {
    case let builtIn? where configuration.command.isEmpty && (builtIn != .shell || given.isEmpty):
      let tagged = "\(builtIn.rawValue):\(reference.tag ?? "latest")"
      self = .command([executable, "image", tagged] + given, imageID: imageID)
    case nil where given.isEmpty:
      let names = BuiltInImage.allCases.map(\.rawValue).joined(separator: ", ")
      self = .refused(
        reason: "ErrImagePull",
        message: "image \"\(image)\" cannot be pulled: this node runs host processes. Give the container a command "
          + "to run on this machine, or use a built-in image: \(names).")
    default:
      self = .command(given, imageID: imageID)
    }
  }
}

/// Runs a built-in image in this process until it ends; answers with its exit code.
///
/// The binary calls this when its first argument is "image": the second is the name, with a tag, and the image's
/// arguments follow.
public func runBuiltInImage(name: String, arguments: [String]) -> Int32 {
  let parts = name.split(separator: ":", maxSplits: 1).map { String($0) }
  let version = parts.count > 1 ? parts[1] : "latest"
  switch parts.first.flatMap({ BuiltInImage(rawValue: $0) }) {
  case .helloWorld: return sayHello()
  case .pause: return waitForSignal()
  case .shell: return becomeShell()
  case .shop: return runShopImage(version: version, arguments: arguments)
  case .web: return runWebImage(version: version)
  case nil: return complain("image: there is no built-in image \"\(name)\"")
  }
}

/// Runs the hidden subcommands of the binary: `shim DIRECTORY`, `network DIRECTORY`, `exec DIRECTORY TIME COMMAND …`
/// and `image NAME …`. Nil when these arguments, the program's name left out, are none of them.
public func runHiddenCommand(_ arguments: [String]) -> Int32? {
  switch arguments.first {
  case "shim": runShim(arguments: Array(arguments.dropFirst()))
  case "network": runNetworkHolder(arguments: Array(arguments.dropFirst()))
  case "exec": runCommandHelper(arguments: Array(arguments.dropFirst()))
  case "image" where arguments.count > 1:
    runBuiltInImage(name: arguments[1], arguments: Array(arguments.dropFirst(2)))
  default: nil
  }
}

private func sayHello() -> Int32 {
  let text = """
    Hello from your cluster!

    For you to read this, a few things have happened:
     1. Your client sent a pod to the API server, which stored it.
     2. The scheduler chose a node for the pod.
     3. The node's agent saw a pod of its own without a container, and started one.
     4. The container, this program, wrote these lines and ended. They wait in its log.

    Nobody was told to do any of it: each part watched for what it cares about.
    Next, something that keeps running:  kubectl run web --image web

    """
  return (try? Descriptor(duplicating: 1).write(Array(text.utf8))) == nil ? 1 : 0
}

private func waitForSignal() -> Int32 {
  endOnRequest()
  while true { pause() }
}

/// A request to end ends the program as a success.
func endOnRequest() {
  for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
}

private func becomeShell() -> Int32 {
  var arguments = [strdup("sh"), nil]
  execv("/bin/sh", &arguments)
  return complain("shell: \(SystemError("exec /bin/sh"))")
}
