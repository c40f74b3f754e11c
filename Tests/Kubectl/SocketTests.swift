import APIServer
import HTTP
import LoopbackPorts
import Objects
import Synchronization
import Testing

@testable import Kubectl

@Suite struct SocketTests {
  private func kubectl(_ line: String, server: String) async -> (code: Int32, output: String, errors: String) {
    let spoken = Spoken()
    let world = World(
      environment: ["KUBECONFIG": "/config"],
      write: { bytes in spoken.text.withLock { $0.output += String(decoding: bytes, as: UTF8.self) } },
      complain: { text in spoken.text.withLock { $0.errors += text } }, input: { [] },
      read: { path in
        path == "/config" ? Array(FakeCluster.kubeconfig.replacing("127.0.0.1:1", with: server).utf8) : nil
      }, now: World.real.now, pause: World.real.pause, connect: World.real.connect)
    let code = await Kubectl.run(line.split(separator: " ").map(String.init), in: world)
    return spoken.text.withLock { (code, $0.output, $0.errors) }
  }

  private final class Spoken: Sendable {
    let text = Mutex((output: "", errors: ""))
  }

  @Test func answersAndStreamsComeThroughARealSocket() async throws {
    let cluster = FakeCluster()
    cluster.contents.withLock {
      $0.objects["/api/v1/namespaces/default/pods/p"] = [
        "metadata": ["name": "p"], "spec": ["containers": [["name": "a"]]],
      ]
    }
    let server = HTTPServer(host: "127.0.0.1", port: unusedPort()) { request in
      if request.path.hasSuffix("/log") { return .now(Response(status: 200, body: .stream(Lines()))) }
      return .later {
        guard let answer = try? await cluster.send(request) else { return Response(status: 500) }
        return Response(status: answer.status, headers: answer.headers, body: .pieces([answer.body]))
      }
    }
    let address = "\(try await server.start())"
    #expect(await kubectl("get pod p -o jsonpath={.metadata.name}", server: address).output == "p")
    #expect(await kubectl("logs -f p", server: address).output == "1\n2\n3\n")
    #expect(
      await kubectl("get cm x", server: address).errors
        == "Error from server (NotFound): configmaps \"x\" not found\n")
    #expect(cluster.requests.allSatisfy { $0.header("authorization") == "Bearer secret" })
    await server.shutdown()
    let refused = await kubectl("get pods", server: address)
    #expect(refused.code == 1)
    #expect(
      refused.errors
        == "The connection to the server \(address) was refused - did you specify the right host or port?\n")
  }
}

/// A log of three lines, piece by piece.
private final class Lines: ByteStream {
  private let next = Mutex(1)

  func next() async throws -> [UInt8]? {
    next.withLock { number in
      guard number <= 3 else { return nil }
      defer { number += 1 }
      return Array("\(number)\n".utf8)
    }
  }
}
