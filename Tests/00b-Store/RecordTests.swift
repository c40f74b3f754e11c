import Objects
import Testing

@testable import Store

@Suite struct RecordTests {
  private func record(_ data: Value) -> Record {
    Record(key: pod("a").key, value: ["data": data], revision: 7)
  }

  @Test("A text counts the bytes that it has in UTF-8")
  func textsCountTheirBytes() {
    let none = record("").size
    #expect(record(.string(String(repeating: "a", count: 1000))).size - none == 1000)
    #expect(
      record(.string(String(repeating: "é", count: 1000))).size - none == 2000, "é is one character and has two bytes")
  }

  @Test(
    "What each value counts",
    arguments: [
      (nil, 5), (true, 5), (1, 8), (0.5, 8), ("", 2), ("abc", 5), ([], 2), (["", ""], 8), ([[], []], 8), ([:], 2),
      (["a": ""], 9), (["a": "", "bc": ["d": true]], 27),
    ] as [(Value, Int)])
  func whatEachValueCounts(_ value: Value, _ size: Int) {
    #expect(record(value).size - record("").size + 2 == size)
  }

  @Test("A key is written as paths are, without a namespace where there is none")
  func keysAreWritten() {
    #expect("\(pod("web").key)" == "pods/default/web")
    #expect("\(Key(resource: "nodes", namespace: "", name: "one"))" == "nodes/one")
  }

  @Test("Without escapes the estimate is never less than the truth, and not much more")
  func theEstimateIsNearTheTruth() {
    for data: Value in [
      "x", 1, true, nil, [], [:], ["a", "b", ["c"]], ["name": "web", "labels": ["app": "shop", "tier": "front"]],
      [12_345_678, -1_234_567, 0.123_45], .array(Array(repeating: ["port": "http"], count: 100)),
    ] {
      let record = record(data)
      #expect(record.size >= record.bytes.count, "what stands in the object counts: names, quotes, brackets, commas")
      #expect(record.size < 2 * record.bytes.count + 20, "about as many bytes as the object has")
    }
  }

  @Test("Escapes make the truth larger than the estimate, by a factor of six at most")
  func escapesAreWithinTheFactor() {
    let record = record(.string(String(repeating: "\u{1}", count: 1000)))
    #expect(record.size < 1200, "looking for escapes would cost as much as writing the object")
    #expect(record.bytes.count <= 6 * record.size)
  }
}
