import SwiftSource
import Testing

@testable import Variants

@Suite struct VariantFileTests {
  @Test func aFunctionChoosesAmongItsBodies() {
    let file = SwiftFile("struct A {\n  func a(_ b: Int) -> Int {\n    b + 1\n  }\n}\n")
    let variants = VariantFile(
      file, changes: [Change(variant: 7, function: 0, body: "\n    b - 1\n  ")], identifiers: [0: 3])
    #expect(
      variants.text == """
        struct A {
          func a(_ b: Int) -> Int { switch ActiveVariant.number(at: 3) {
        case 7: //variant 7

            return b - 1
          
        default: //variant of 0

            return b + 1
          
        /*variants' end*/}}
        }

        """)
    #expect(
      variants.owners == [.nobody, .nobody] + Array(repeating: .variant(7), count: 4)
        + Array(repeating: .function(0), count: 5) + [.nobody, .nobody])
  }
}
