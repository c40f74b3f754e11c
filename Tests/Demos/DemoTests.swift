import Testing

@testable import Demos

@Suite struct DemoTests {
  @Test(arguments: Demo.all.map(\.chapter)) func show(chapter: String) throws {
    let demo = try #require(Demo.of(chapter: chapter).first)
    try demo.run(Telling { print($0) })
  }
}
