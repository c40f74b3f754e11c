import Foundation
import LoopbackPorts
import Objects
import Pods
import Testing

@testable import ProcessRuntime

@Suite struct ImageTests {
  private func resolve(_ image: String, command: [String] = [], arguments: [String] = []) -> ImageResolution {
    let pod = PodIdentity(namespace: "default", name: "web", uid: "uid")
    var configuration = ContainerConfiguration(
      id: ContainerID(podUID: "uid", name: "main", attempt: 0), pod: pod, image: image)
    configuration.command = command
    configuration.arguments = arguments
    return ImageResolution(configuration, executable: "/bin/swiftlet")
  }

  @Test(arguments: [
    "web", "web:v2", "docker.io/library/web", "localhost:5000/web:v2", "registry.k8s.io/pause:3.10", "a/b__c/d-e.f_g",
    "web@sha256:0123456789abcdef0123456789abcdef", "UPPER.example.com/web",
  ])
  func aReferenceIsTaken(_ text: String) { #expect(ImageReference(text) != nil) }

  @Test(arguments: [
    "", "UPPER", "web:", "web:v 2", "/web", "web/", "a//b", "-web", "web-", "a..b", "a___b", "web@sha256:short", "we b",
    "web:-v", "a.b:port/web", "web@", "http://web",
  ])
  func whatIsNoReferenceIsAnInvalidImageName(_ text: String) {
    guard case .refused(reason: "InvalidImageName", _) = resolve(text) else {
      Issue.record("\(text) was taken")
      return
    }
  }

  @Test func builtInImagesAreFoundUnderAnyRegistryAndTag() {
    #expect(resolve("hello-world") == run("hello-world:latest", "hello-world"))
    #expect(resolve("registry.k8s.io/pause:3.10") == run("pause:3.10", "pause"))
    #expect(resolve("localhost:5000/team/web:v2") == run("web:v2", "web"))
    #expect(resolve("shell") == run("shell:latest", "shell"))
  }

  private func run(_ name: String, _ image: String) -> ImageResolution {
    .command(["/bin/swiftlet", "image", name], imageID: "builtin://\(image)")
  }

  @Test func aCommandReplacesTheImagesOwn() {
    #expect(resolve("web", command: ["ls"]) == .command(["ls"], imageID: "builtin://web"))
    #expect(resolve("shell", arguments: ["ls", "-l"]) == .command(["ls", "-l"], imageID: "builtin://shell"))
    let nginx = ImageResolution.command(["ls", "-l"], imageID: "host://nginx:1.27")
    #expect(resolve("nginx:1.27", command: ["ls"], arguments: ["-l"]) == nginx)
    #expect(resolve("nginx:1.27", arguments: ["ls", "-l"]) == nginx)
  }

  @Test func anImageThatIsNotToBeHadSaysWhatToDo() {
    let message = """
      image "nginx:1.27" cannot be pulled: this node runs host processes. Give the container a command to run on this \
      machine, or use a built-in image: hello-world, pause, shell, shop, web.
      """
    #expect(resolve("nginx:1.27") == .refused(reason: "ErrImagePull", message: message))
  }

  @Test func helloWorldSaysHelloAndEnds() throws {
    let world = try HostWorld()
    let id = world.start("hello", image: "hello-world") { _ in }
    #expect(try world.exit(of: id).code == 0)
    let lines = try world.log(of: id)
    #expect(lines.first?.content.hasPrefix("Hello") == true)
    #expect(lines.count > 5)
    #expect(world.container(id)?.imageID == "builtin://hello-world")
  }

  @Test func pauseWaitsUntilItIsAskedToEnd() throws {
    let world = try HostWorld()
    let id = world.start("pause", image: "registry.k8s.io/pause:3.10") { _ in }
    #expect(world.isRunning(id))
    #expect(world.wait { (try? HostProcess.find(world.process(of: id))) != nil })
    world.perform(.stop(id, gracePeriod: 1000))
    _ = try world.exit(of: id)
  }

  @Test func theShellEndsWithItsInput() throws {
    let world = try HostWorld()
    let id = world.start("shell", image: "shell") { _ in }
    #expect(try world.exit(of: id).code == 0)
  }

  @Test func webNamesItsPodAndVersion() throws {
    let world = try HostWorld()
    let port = UInt16(unusedPort())
    let id = world.start("web", image: "web:v2") { $0.environment = [.init(name: "PORT", value: "\(port)")] }
    #expect(world.wait { (try? world.log(of: id).count) == 1 })
    let requests = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n" + "HEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n"
    let answer = try exchange(requests, port: port)
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(answer.contains("\r\n\r\nHello from pod-web\nversion: v2\npath: /a\nHTTP/1.1 200 OK\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
    #expect(try exchange("nonsense\r\n\r\n", port: port).hasPrefix("HTTP/1.1 400 "))
    #expect(try exchange(String(repeating: "x", count: 20_000), port: port).hasPrefix("HTTP/1.1 431 "))
    let log = try world.log(of: id).map(\.content)
    #expect(log.dropFirst().first == "127.0.0.1 \"GET /a HTTP/1.1\" 200")

    let second = world.start("second", image: "web:v2") { $0.environment = [.init(name: "PORT", value: "\(port)")] }
    #expect(try world.exit(of: second).code == 1)
    let complaint = try world.log(of: second)
    #expect(complaint.first?.stream == "stderr")
    #expect(complaint.first?.content.contains("cannot listen on port \(port)") == true)

    world.perform(.stop(id, gracePeriod: 1000))
    #expect(try world.exit(of: id).code == 0)
  }

  @Test func theShopShowsItsCatalogAndKeepsItsOrders() throws {
    let world = try HostWorld()
    let (catalog, orders, front) = (UInt16(unusedPort()), UInt16(unusedPort()), UInt16(unusedPort()))
    let folder = world.root
    try Data(#"[{"name": "Mug <big>", "price": "8.50"}]"#.utf8).write(
      to: URL(fileURLWithPath: folder + "/products.json"))
    func start(_ role: String, _ port: UInt16, _ variables: [String: String]) -> ContainerID {
      world.start(role, image: "shop:v2") { configuration in
        configuration.arguments = [role]
        configuration.environment = (variables.merging(["PORT": "\(port)"]) { $1 }).sorted { $0.key < $1.key }
          .map { .init(name: $0.key, value: $0.value) }
      }
    }
    let ids = [
      start("catalog", catalog, ["CATALOG_FILE": folder + "/products.json"]),
      start("orders", orders, ["DATA_DIRECTORY": folder, "API_KEY": "key"]),
      start(
        "front", front,
        [
          "CATALOG_URL": "http://localhost:\(catalog)", "ORDERS_URL": "http://localhost:\(orders)", "API_KEY": "key",
        ]),
    ]
    #expect(world.wait { ids.allSatisfy { (try? world.log(of: $0).count) == 1 } })
    func ask(_ head: String, _ body: String = "", port: UInt16) throws -> String {
      try exchange(
        "\(head) HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)", port: port)
    }
    #expect(try ask("GET /", port: front).contains("<li>Mug &lt;big&gt;: 8.50</li>"))
    #expect(try ask("POST /buy", #"{"product":"Mug"}"#, port: front).hasPrefix("HTTP/1.1 201 "))
    #expect(try ask("POST /orders", #"{"product":"Mug"}"#, port: orders).hasPrefix("HTTP/1.1 401 "))
    #expect(try ask("GET /orders", port: orders).hasSuffix(#"{"count":1}"# + "\n"))
    #expect(try String(contentsOfFile: folder + "/orders.jsonl", encoding: .utf8) == #"{"product":"Mug"}"# + "\n")
    world.perform(.stop(ids[0], gracePeriod: 1000))
    #expect(try world.exit(of: ids[0]).code == 0)
    #expect(try ask("GET /", port: front).contains("The catalog cannot be reached."))
  }

  /// Sends these bytes, and reads until the server closes the connection.
  private func exchange(_ request: String, port: UInt16) throws -> String {
    let connection = try loopbackSocket()
    defer { connection.close() }
    var address = loopback(port: port)
    try withSocketAddress(&address) {
      try #require(connect(connection.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0)
    }
    try connection.write(Array(request.utf8))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case .bytes(let count) = connection.read(into: &buffer) { answer += buffer.prefix(count) }
    return String(decoding: answer, as: UTF8.self)
  }

  private func loopbackSocket() throws -> Descriptor {
    #if canImport(Glibc)
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let number = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    try #require(number >= 0)
    return Descriptor(owning: number)
  }

  private func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private func withSocketAddress(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) throws -> Void
  ) throws {
    try withUnsafeMutablePointer(to: &address) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
  }
}
