import ControlLoop
import Objects
import Testing

@testable import APIServer

private func json(_ text: String) throws -> Value { try Value(parsing: text) }

@Suite struct JSONPatches {
  @Test(arguments: [
    // add
    (#"{"a":1}"#, #"[{"op":"add","path":"/b","value":2}]"#, #"{"a":1,"b":2}"#),
    (#"{"a":1}"#, #"[{"op":"add","path":"/a","value":null}]"#, #"{"a":null}"#),
    (#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/1","value":9}]"#, #"{"a":[1,9,2]}"#),
    (#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/2","value":9}]"#, #"{"a":[1,2,9]}"#),
    (#"{"a":[1,2]}"#, #"[{"op":"add","path":"/a/-","value":9}]"#, #"{"a":[1,2,9]}"#),
    (#"{"a":{"b":{}}}"#, #"[{"op":"add","path":"/a/b/c","value":[]}]"#, #"{"a":{"b":{"c":[]}}}"#),
    (#"{"a":1}"#, #"[{"op":"add","path":"","value":{"b":2}}]"#, #"{"b":2}"#),
    (#"{}"#, #"[{"op":"add","path":"/a~1b~0c~01","value":1}]"#, #"{"a/b~c~1":1}"#),
    (#"{}"#, #"[{"op":"add","path":"/","value":1}]"#, #"{"":1}"#),
    // remove
    (#"{"a":1,"b":2}"#, #"[{"op":"remove","path":"/a"}]"#, #"{"b":2}"#),
    (#"{"a":[1,2,3]}"#, #"[{"op":"remove","path":"/a/1"}]"#, #"{"a":[1,3]}"#),
    // replace
    (#"{"a":[1,2]}"#, #"[{"op":"replace","path":"/a/0","value":9}]"#, #"{"a":[9,2]}"#),
    (#"{"a":1}"#, #"[{"op":"replace","path":"","value":{}}]"#, #"{}"#),
    // move and copy
    (#"{"a":{"x":1},"b":{}}"#, #"[{"op":"move","from":"/a/x","path":"/b/y"}]"#, #"{"a":{},"b":{"y":1}}"#),
    (#"{"a":[1,2,3]}"#, #"[{"op":"move","from":"/a/0","path":"/a/2"}]"#, #"{"a":[2,3,1]}"#),
    (#"{"a":{"b":1}}"#, #"[{"op":"copy","from":"/a","path":"/c"}]"#, #"{"a":{"b":1},"c":{"b":1}}"#),
    (#"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1}"#),
    // test
    (#"{"a":{"x":1,"y":[2]}}"#, #"[{"op":"test","path":"/a","value":{"y":[2.0],"x":1}}]"#, #"{"a":{"x":1,"y":[2]}}"#),
    // one after the other
    (#"{}"#, #"[{"op":"add","path":"/a","value":{}},{"op":"add","path":"/a/b","value":1}]"#, #"{"a":{"b":1}}"#),
    (#"{"a":1}"#, #"[]"#, #"{"a":1}"#),
  ])
  func apply(document: String, patch: String, result: String) throws {
    #expect(try JSONPatch(json(patch)).apply(to: json(document)) == json(result))
  }

  @Test(arguments: [
    (#"{"a":1}"#, #"[{"op":"remove","path":"/b"}]"#),
    (#"{"a":1}"#, #"[{"op":"remove","path":""}]"#),
    (#"{"a":1}"#, #"[{"op":"replace","path":"/b","value":1}]"#),
    (#"{"a":1}"#, #"[{"op":"add","path":"/b/c","value":1}]"#),
    (#"{"a":1}"#, #"[{"op":"add","path":"/a/c","value":1}]"#),
    (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/2","value":1}]"#),
    (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/01","value":1}]"#),
    (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/x","value":1}]"#),
    (#"{"a":[1]}"#, #"[{"op":"remove","path":"/a/-"}]"#),
    (#"{"a":[1]}"#, #"[{"op":"remove","path":"/a/1"}]"#),
    (#"{"a":[]}"#, #"[{"op":"remove","path":"/a/0"}]"#),
    (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":2}]"#),
    (#"{"a":"1"}"#, #"[{"op":"test","path":"/a","value":1}]"#),
    (#"{"a":1}"#, #"[{"op":"test","path":"/b","value":null}]"#),
    (#"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#),
    (#"{"a":1}"#, #"[{"op":"copy","from":"/x","path":"/y"}]"#),
    (#"{"a":1}"#, #"[{"op":"add","path":"/b","value":1},{"op":"remove","path":"/c"}]"#),
  ])
  func whatDoesNotApplyIsRefused(document: String, patch: String) throws {
    let patch = try JSONPatch(json(patch))
    let document = try json(document)
    let error = #expect(throws: StatusError.self) { try patch.apply(to: document) }
    #expect(error?.code == 422)
    #expect(error?.message.hasPrefix("the server rejected our request due to an error in our request: ") == true)
  }

  @Test(arguments: [
    #"{}"#, #"[{}]"#, #"[{"op":"grow","path":"/a"}]"#, #"[{"op":"add","value":1}]"#, #"[{"op":"add","path":"/a"}]"#,
    #"[{"op":"move","path":"/a"}]"#, #"[{"op":"add","path":"a","value":1}]"#, #"[1]"#,
  ])
  func whatIsNoPatchIsRefused(patch: String) throws {
    let document = try json(patch)
    #expect(throws: StatusError.self) { try JSONPatch(document) }
  }
}

@Suite struct MergePatches {
  /// The examples of RFC 7386, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, #"null"#, #"null"#),
    (#"{"a":"foo"}"#, #""bar""#, #""bar""#), (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
    (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#), (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func merge(document: String, patch: String, result: String) throws {
    #expect(try json(document).merged(with: json(patch)) == json(result))
  }
}

@Suite struct StrategicMergePatches {
  private let patches = StrategicMergePatch(scheme: Scheme(kinds: [Widget.kind]))

  @Test(arguments: [
    // scalars, maps, null
    (#"{"color":"red","size":1}"#, #"{"size":2}"#, #"{"color":"red","size":2}"#),
    (#"{"color":"red","size":1}"#, #"{"color":null}"#, #"{"size":1}"#),
    (
      #"{"byName":{"a":{"image":"x","count":1}}}"#, #"{"byName":{"a":{"count":2},"b":{"image":"y"}}}"#,
      #"{"byName":{"a":{"image":"x","count":2},"b":{"image":"y"}}}"#
    ),
    (#"{"unknown":{"a":1}}"#, #"{"unknown":{"b":2}}"#, #"{"unknown":{"a":1,"b":2}}"#),
    // lists with a key
    (
      #"{"parts":[{"name":"a","image":"x"}]}"#, #"{"parts":[{"name":"a","count":2}]}"#,
      #"{"parts":[{"name":"a","image":"x","count":2}]}"#
    ),
    (#"{"parts":[{"name":"a"}]}"#, #"{"parts":[{"name":"b"}]}"#, #"{"parts":[{"name":"a"},{"name":"b"}]}"#),
    (#"{}"#, #"{"parts":[{"name":"b","image":null}]}"#, #"{"parts":[{"name":"b"}]}"#),
    (
      #"{"parts":[{"name":"a"},{"name":"b"}]}"#, #"{"parts":[{"name":"a","$patch":"delete"}]}"#,
      #"{"parts":[{"name":"b"}]}"#
    ),
    (#"{"parts":[{"name":"a"}]}"#, #"{"parts":[{"name":"z","$patch":"delete"}]}"#, #"{"parts":[{"name":"a"}]}"#),
    (
      #"{"parts":[{"name":"a"},{"name":"b"}]}"#, #"{"parts":[{"$patch":"replace"},{"name":"c"}]}"#,
      #"{"parts":[{"name":"c"}]}"#
    ),
    (#"{"parts":[{"name":"a"}]}"#, #"{"parts":[{"$patch":"replace"}]}"#, #"{"parts":[]}"#),
    (
      #"{"parts":[{"name":"a","parts":[{"name":"i","count":1}]}]}"#,
      #"{"parts":[{"name":"a","parts":[{"name":"i","image":"x"},{"name":"j"}]}]}"#,
      #"{"parts":[{"name":"a","parts":[{"name":"i","count":1,"image":"x"},{"name":"j"}]}]}"#
    ),
    // lists without: sets of scalars, and those replaced as a whole
    (#"{"tags":["a","b"]}"#, #"{"tags":["b","c"]}"#, #"{"tags":["a","b","c"]}"#),
    (#"{"tags":["a","b"]}"#, #"{"$deleteFromPrimitiveList/tags":["a"]}"#, #"{"tags":["b"]}"#),
    (#"{"tags":["a","b"]}"#, #"{"$deleteFromPrimitiveList/tags":["a"],"tags":["c"]}"#, #"{"tags":["b","c"]}"#),
    (#"{"notes":["a","b"]}"#, #"{"notes":["c"]}"#, #"{"notes":["c"]}"#),
    // directives for maps
    (
      #"{"byName":{"a":{"image":"x"}}}"#, #"{"byName":{"$patch":"replace","b":{"image":"y"}}}"#,
      #"{"byName":{"b":{"image":"y"}}}"#
    ),
    (#"{"byName":{"a":{"image":"x"}}}"#, #"{"byName":{"$patch":"delete"}}"#, #"{"byName":{}}"#),
    (
      #"{"byName":{"a":{"image":"x"}}}"#, #"{"byName":{"$patch":"merge","b":{}}}"#,
      #"{"byName":{"a":{"image":"x"},"b":{}}}"#
    ),
    (
      #"{"strategy":{"name":"rolling","count":1}}"#, #"{"strategy":{"$retainKeys":["name"],"name":"all"}}"#,
      #"{"strategy":{"name":"all"}}"#
    ),
    // order
    (
      #"{"parts":[{"name":"a"},{"name":"b"},{"name":"c"}]}"#,
      #"{"$setElementOrder/parts":[{"name":"c"},{"name":"a"},{"name":"b"}]}"#,
      #"{"parts":[{"name":"c"},{"name":"a"},{"name":"b"}]}"#
    ),
    (
      #"{"parts":[{"name":"a"},{"name":"b"}]}"#,
      #"{"$setElementOrder/parts":[{"name":"new"},{"name":"a"},{"name":"b"}],"parts":[{"name":"new"}]}"#,
      #"{"parts":[{"name":"new"},{"name":"a"},{"name":"b"}]}"#
    ),
    // what only the server has keeps its place before what followed it
    (
      #"{"parts":[{"name":"a"},{"name":"sidecar"},{"name":"b"}]}"#,
      #"{"$setElementOrder/parts":[{"name":"a"},{"name":"b"}],"parts":[{"name":"b","count":1}]}"#,
      #"{"parts":[{"name":"a"},{"name":"sidecar"},{"name":"b","count":1}]}"#
    ),
    (
      #"{"parts":[{"name":"a"},{"name":"x"},{"name":"y"}]}"#, #"{"$setElementOrder/parts":[{"name":"a"}]}"#,
      #"{"parts":[{"name":"a"},{"name":"x"},{"name":"y"}]}"#
    ),
    (#"{"tags":["a","b","c"]}"#, #"{"$setElementOrder/tags":["c","a"]}"#, #"{"tags":["b","c","a"]}"#),
  ])
  func merge(document: String, patch: String, result: String) throws {
    let merged = try patches.apply(json(patch), to: json(document), as: WidgetSpec.self)
    #expect(merged.encodedString == result)
  }

  @Test(arguments: [
    #"[]"#, #"{"parts":[{"count":1}]}"#, #"{"parts":["a"]}"#, #"{"byName":{"$patch":"grow"}}"#,
    #"{"strategy":{"$retainKeys":"name"}}"#, #"{"strategy":{"$retainKeys":["name"],"count":1}}"#,
    #"{"$deleteFromPrimitiveList/tags":"a"}"#, #"{"tags":[],"$setElementOrder/tags":"a"}"#,
  ])
  func whatMakesNoSenseIsRefused(patch: String) throws {
    let document = try json(#"{"parts":[{"name":"a"}],"tags":["a"]}"#)
    let patch = try json(patch)
    let error = #expect(throws: StatusError.self) { try patches.apply(patch, to: document, as: WidgetSpec.self) }
    #expect(error?.code == 400)
  }
}
