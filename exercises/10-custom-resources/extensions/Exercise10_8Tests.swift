import Objects
import Testing

@testable import CustomResources

@Suite struct Exercise10_8Tests {
  private let object: Value = [
    "conditions": [["type": "Ready", "status": "True"], ["type": "Done", "status": "False"], ["type": "Odd"]]
  ]

  @Test func whatIsDifferentCanBeAskedFor() {
    #expect(
      FieldRoute(#".conditions[?(@.status!="True")].type"#)?.first(in: object) == "Done",
      "the first condition that is not True")
    #expect(FieldRoute(#".conditions[?(@.type!="Ready")].type"#)?.first(in: object) == "Done")
    #expect(
      FieldRoute(#".conditions[?(@.reason!="None")].type"#)?.first(in: object) == "Ready",
      "a member that is not there is different from every value")
  }

  @Test func equalStaysEqual() {
    #expect(FieldRoute(#".conditions[?(@.type=="Done")].status"#)?.first(in: object) == "False")
    #expect(FieldRoute(#".conditions[?(@.type!"Done")].status"#) == nil, "half a sign is none")
    // An answer that knows equality alone is not enough.
    #expect(FieldRoute(#".conditions[?(@.type!="Ready")].status"#)?.first(in: object) == "False")
  }
}
