import ControlLoop
import Objects
import Pods
import Simulation
import Testing

@testable import Services

@Suite struct Exercise4_8Tests {
  private func ask(_ type: DNSRecordType, _ change: (inout Service) -> Void = { _ in }) throws -> [DNSData] {
    let service = storedService {
      $0.metadata.annotations["exercises.swiftlet/about"] = "the shop's front"
      change(&$0)
    }
    let question = DNSMessage(id: 0, asking: DNSName("web.default.svc.cluster.local"), type)
    let answer = ClusterDNS().answer(to: question, in: try makeStore([service]).view)
    #expect(answer?.code == 0, "the name exists, whatever was asked for")
    return answer?.answers.map(\.data) ?? []
  }

  @Test func aServiceSaysWhatItIs() throws {
    #expect(try ask(.txt) == [.txt("the shop's front")])
    #expect(try ask(.txt) { $0.spec.clusterIP = "None" } == [.txt("the shop's front")])
    #expect(try ask(.txt) { $0.metadata.annotations = [:] } == [])
  }

  @Test func whoAsksForAddressesGetsNone() throws {
    #expect(try ask(.a) == [.a(IPv4Address(10, 96, 1, 1))], "a text is no address")
    #expect(try ask(.txt).count == 1)
  }

  @Test func anotherNameForSomethingOutsideHasOnlyThat() throws {
    let data = try ask(.txt) {
      $0.spec.type = .externalName
      $0.spec.externalName = "example.org"
    }
    #expect(data == [.cname(DNSName("example.org"))])
    #expect(try ask(.txt).count == 1)
  }
}
