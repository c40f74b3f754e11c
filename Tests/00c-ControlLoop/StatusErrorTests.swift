import ControlLoop
import Objects
import Store
import Testing

/// What a refusal carries beside its sentence: clients decide by its reason and its code what to do next.
@Suite struct StatusErrorTests {
  @Test(
    arguments: [
      (.notFound(flock), "NotFound", 404, "flocks.test \"a\" not found"),
      (.alreadyExists(flock), "AlreadyExists", 409, "flocks.test \"a\" already exists"),
      (.conflict(flock, "no"), "Conflict", 409, "Operation cannot be fulfilled on flocks.test \"a\": no"),
      (.forbidden(flock, "no"), "Forbidden", 403, "flocks.test \"a\" is forbidden: no"),
    ] as [(StatusError, String, Int, String)])
  func aRefusalSaysWhyAndWhatItIsAbout(_ error: StatusError, _ reason: String, _ code: Int, _ message: String) {
    #expect(error.reason == reason && error.code == code)
    #expect(error.message == message && "\(error)" == message)
    #expect(error.kind == "flocks" && error.group == "test" && error.name == "a")
  }

  @Test func theCoreGroupHasNoName() {
    let error = StatusError.notFound(Key(resource: "pods", namespace: "farm", name: "a"))
    #expect(error.kind == "pods" && error.group == "" && error.name == "a")
    let long = StatusError.notFound(Key(resource: "things.example.com", namespace: "farm", name: "a"))
    #expect(long.kind == "things" && long.group == "example.com")
  }

  @Test func aBadRequestIsAboutNothing() {
    let error = StatusError.badRequest("what?")
    #expect(error.reason == "BadRequest" && error.code == 400 && error.message == "what?")
    #expect(error.kind == "" && error.group == "" && error.name == "")
  }

  @Test func anInvalidObjectHasACauseForEachField() {
    let errors: [FieldError] = [
      .required(FieldPath("spec")["size"]), .invalid(FieldPath("spec")["breed"], "dog", "must be a sheep"),
    ]
    let one = StatusError.invalid(Flock.kind, name: "a", Array(errors.prefix(1)))
    #expect(one.message == "Flock.test \"a\" is invalid: spec.size: Required value")
    let both = StatusError.invalid(Flock.kind, name: "a", errors)
    #expect(both.reason == "Invalid" && both.code == 422)
    #expect(both.kind == "Flock" && both.group == "test" && both.name == "a")
    #expect(
      both.message == "Flock.test \"a\" is invalid: "
        + "[spec.size: Required value, spec.breed: Invalid value: \"dog\": must be a sheep]")
    #expect(both.causes.map(\.field) == ["spec.size", "spec.breed"])
    #expect(both.causes.map(\.reason) == ["FieldValueRequired", "FieldValueInvalid"])
    #expect(both.causes.map(\.message) == errors.map(\.message))
    let core = Kind(Flock.self, name: "Flock", resource: "flocks")
    #expect(StatusError.invalid(core, name: "a", errors).message.hasPrefix("Flock \"a\" is invalid"))
  }

  @Test func whatTheStoreSaysIsSaidInTheWordsOfTheAPI() {
    let record = Record(key: Self.flock, value: [:], revision: 2)
    let said = ([.notFound, .alreadyExists, .conflict(current: record), .storage("full")] as [StoreError]).map {
      let error = StatusError($0, for: Self.flock)
      return "\(error.code) \(error.reason)"
    }
    #expect(said == ["404 NotFound", "409 AlreadyExists", "409 Conflict", "500 InternalError"])
    #expect(
      StatusError(.taken(index: "address", value: "10.0.0.1", by: Self.flock), for: Self.flock).message
        == "Operation cannot be fulfilled on flocks.test \"a\": address 10.0.0.1 has just been taken by a; "
        + "please try again")
    #expect(StatusError(StoreError.storage("full"), for: Self.flock).message.contains("full"))
  }

  private static let flock = Key(resource: "flocks.test", namespace: "farm", name: "a")
}
