import CustomResources
import Foundation
import Objects
import Testing
import YAMLCoding

/// The examples that a chapter has as well.
@Suite struct ExampleTests {
  @Test func theDefinitionOfDiscountsIsTheChapters() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../examples/discounts.yaml").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let document = try #require(try YAML.documents(in: text).first?.value)
    let chapters = CustomResourceDefinition.discounts.json
    for part in ["apiVersion", "kind", "metadata", "spec"] { #expect(document[part] == chapters[part], "\(part)") }
  }
}
