import APIServer
import ControlLoop
import Dispatch
import Objects
import Runner
import Store
import Testing

@Suite struct RunnerTests {
  /// Counts its turns, and tells each one.
  final class Counter: Participant, @unchecked Sendable {
    let name = "counter"
    let turns: AsyncStream<Int>.Continuation
    private var count = 0

    init(_ turns: AsyncStream<Int>.Continuation) { self.turns = turns }

    func turn(at now: Time) -> Turn {
      count += 1
      turns.yield(count)
      return Turn(didWork: false, wakeAt: nil)
    }

    func restart() {}
  }

  @Test func aParticipantIsCalledAtTheStartAndAfterEveryCommit() async throws {
    let store = try Store(storage: MemoryStorage())
    let (turns, continuation) = AsyncStream.makeStream(of: Int.self)
    let runner = Runner(store: store, participants: [{ _ in Counter(continuation) }])
    runner.start()
    var iterator = turns.makeAsyncIterator()
    #expect(await iterator.next() == 1)
    let key = Key(resource: "things", namespace: "", name: "a")
    _ = try store.commit([Write(key, .put(["metadata": ["name": "a"]]), expecting: .absent)])[0].get()
    #expect(await iterator.next() == 2)
    runner.stop()
  }

  @Test func noTurnIsGivenAfterTheStop() async throws {
    let store = try Store(storage: MemoryStorage())
    let (turns, continuation) = AsyncStream.makeStream(of: Int.self)
    let runner = Runner(store: store, participants: [{ _ in Counter(continuation) }])
    runner.start()
    var iterator = turns.makeAsyncIterator()
    #expect(await iterator.next() == 1)
    runner.stop()
    let key = Key(resource: "things", namespace: "", name: "a")
    _ = try store.commit([Write(key, .put(["metadata": ["name": "a"]]), expecting: .absent)])[0].get()
    continuation.finish()
    #expect(await iterator.next() == nil)
  }

  @Test func timersRingForTimesThatHavePassed() async {
    await withCheckedContinuation { continuation in
      SystemTimers().call(at: .distantPast + .seconds(1)) { continuation.resume() }
    }
    #expect(SystemClock.now() > Time(microseconds: 1_700_000_000_000_000))
  }
}

@Suite struct TimedChecks {
  struct Broken: Error, CustomStringConvertible {
    let description = "the file is gone"
  }

  @Test func aCheckSaysWhatIsWrong() async {
    #expect(await HealthCheck("storage") {}.problem() == nil)
    #expect(await HealthCheck("storage") { throw Broken() }.problem() == "the file is gone")
  }

  @Test func aCheckThatHangsFailsInTimeAndAnswersAgainWhenItsSubjectDoes() async {
    let gate = DispatchSemaphore(value: 0)
    let check = HealthCheck("storage", within: .milliseconds(10)) { gate.wait() }
    #expect(await check.problem() == "it has not answered in time")
    #expect(await check.problem() == "it has not answered in time")
    for _ in 0..<3 { gate.signal() }
    // Those that stood in line are let through first, however long that takes here.
    var problem = await check.problem()
    while problem != nil {
      gate.signal()
      problem = await check.problem()
    }
  }
}
