extension JSONCase {
  static let accepted = cases(
    in: #"""
      arrays: empty                              │ []
      arrays: spaces inside an empty one         │ [ ]
      arrays: spaces in a nested empty one       │ [[]   ]
      arrays: nested                             │ [[],[[]]]
      arrays: an empty string                    │ [""]
      arrays: ends with a line feed              │ ["a"]␊
      arrays: false                              │ [false]
      arrays: null                               │ [null]
      arrays: different types                    │ [null, 1, "1", {}]
      arrays: line breaks inside                 │ [1␊,␍1␉]
      arrays: a space before                     │ ␠[1]
      arrays: a space after                      │ [2]␠
      arrays: several nulls                      │ [1,null,null,null,2]
      numbers: plain with an exponent            │ [123e65]
      numbers: zero                              │ [0]
      numbers: zero with an exponent             │ [0e1]
      numbers: zero with a signed exponent       │ [0e+1]
      numbers: after a space                     │ [ 4]
      numbers: close to zero                     │ [-0.000000000000000000000000000000000000000000000000000000000000001]
      numbers: an integer with an exponent       │ [20e1]
      numbers: minus zero                        │ [-0]
      numbers: minus zero with a fraction        │ [-0.0]
      numbers: minus one                         │ [-1]
      numbers: a negative integer                │ [-123]
      numbers: a capital E                       │ [1E22]
      numbers: a capital E and a minus           │ [1E-2]
      numbers: a capital E and a plus            │ [1E+2]
      numbers: an exponent and a minus           │ [1e-2]
      numbers: an exponent and a plus            │ [1e+2]
      numbers: a fraction and an exponent        │ [123.456e78]
      numbers: a simple integer                  │ [123]
      numbers: a simple fraction                 │ [123.456789]
      numbers: zeros that lead an exponent       │ [1e007]
      numbers: more digits than a double has     │ [3.141592653589793238462643383279]
      numbers: the largest Int64                 │ [9223372036854775807]
      numbers: the smallest Int64                │ [-9223372036854775808]
      numbers: one beyond Int64                  │ [9223372036854775808]
      numbers: one below Int64                   │ [-9223372036854775809]
      numbers: the largest UInt64                │ [18446744073709551615]
      numbers: a huge integer                    │ [100000000000000000000]
      numbers: a huge negative integer           │ [-237462374673276894279832749832423479823246327846]
      numbers: the largest double                │ [1.7976931348623157e308]
      numbers: the smallest double               │ [5e-324]
      numbers: too small, so zero                │ [123.456e-789]
      numbers: too small and negative            │ [-1e-400]
      objects: empty                             │ {}
      objects: a space inside an empty one       │ { }
      objects: one member                        │ {"asd":"sdf"}
      objects: two members                       │ {"asd":"sdf", "dfg":"fgh"}
      objects: an empty name                     │ {"":0}
      objects: an escaped zero in a name         │ {"foo\u0000bar": 42}
      objects: an escaped quote in a name        │ {"a\"b": 1}
      objects: extreme numbers                   │ { "min": -1.0e+28, "max": 1.0e+28 }
      objects: long strings                      │ {"x":[{"id": "xxxxxxxxxxxxxxxxxxxxxxxxxx"}], "id": "xxxxxxxxxxxxxxxxxxxxxxx"}
      objects: an empty array                    │ {"a":[]}
      objects: escaped Cyrillic                  │ {"title":"\u041f\u043e\u043b\u0442\u043e\u0440\u0430 \u0417\u0435" }
      objects: line breaks                       │ {␊"a":␍␊"b"␊}
      objects: spaces about the colon            │ {"a" : 1}
      objects: a tab after the colon             │ {"a":␉1}
      objects: nested                            │ {"a":{"b":{"c":{}}}}
      objects: one name at two levels            │ {"a":{"a":1},"b":{"a":2}}
      objects: names that differ in case         │ {"a":1,"A":2}
      objects: one name long, one its beginning  │ {"terminationMessagePath":1,"terminationMessage":2}
      objects: a name in Greek                   │ {"π":3.14}
      strings: escapes of one to three bytes     │ ["\u0060\u012a\u12AB"]
      strings: a surrogate pair                  │ ["\uD801\udc37"]
      strings: two surrogate pairs               │ ["\ud83d\ude39\ud83d\udc8d"]
      strings: the last surrogate pair           │ ["\uDBFF\uDFFF"]
      strings: a clef as a pair                  │ ["\uD834\uDd1e"]
      strings: every short escape                │ ["\"\\\/\b\f\n\r\t"]
      strings: a backslash, then u0000           │ ["\\u0000"]
      strings: an escaped quote                  │ ["\""]
      strings: a backslash, then a               │ ["\\a"]
      strings: a backslash, then n               │ ["\\n"]
      strings: comments                          │ ["a/*b*/c/*d//e"]
      strings: an escaped control character      │ ["\u0012"]
      strings: an escaped noncharacter           │ ["\uFFFF"]
      strings: escaped U+10FFFE                  │ ["\uDBFF\uDFFE"]
      strings: escaped U+1FFFE                   │ ["\uD83F\uDFFE"]
      strings: escaped U+FDD0                    │ ["\uFDD0"]
      strings: escaped U+FFFE                    │ ["\uFFFE"]
      strings: an escaped zero-width space       │ ["\u200B"]
      strings: an escaped invisible plus         │ ["\u2064"]
      strings: an escaped quote by number        │ ["\u0022"]
      strings: an escaped backslash by number    │ ["\u005C"]
      strings: an escaped comma by number        │ ["\u002c"]
      strings: an escaped zero                   │ ["\u0000"]
      strings: an escape with a digit after it   │ ["\u00e91"]
      strings: upper- and lower-case digits      │ ["\uABCD\uabcd"]
      strings: an escaped no-break space         │ ["new\u00A0line"]
      strings: in an array                       │ ["asd"]
      strings: in an array after a space         │ [ "asd"]
      strings: plain                             │ ["asd "]
      strings: one space                         │ " "
      strings: pi                                │ ["π"]
      strings: two, three and four bytes         │ ["é€𝄞"]
      strings: an unassigned character           │ ["‹F0›‹9B›‹BF›‹BF›"]
      strings: U+10FFFF                          │ ["‹F4›‹8F›‹BF›‹BF›"]
      strings: U+FFFF                            │ ["‹EF›‹BF›‹BF›"]
      strings: a line separator                  │ ["‹E2›‹80›‹A8›"]
      strings: a paragraph separator             │ ["‹E2›‹80›‹A9›"]
      strings: circled text                      │ ["⍂㈴⍂"]
      strings: the delete character              │ ["a‹7F›a"]
      documents: false                           │ false
      documents: true                            │ true
      documents: null                            │ null
      documents: an integer                      │ 42
      documents: a negative fraction             │ -0.1
      documents: a string                        │ "asd"
      documents: an empty string                 │ ""
      documents: white space of every kind       │ ␠␉␍␊[]␠␉␍␊
      """#)

  /// What RFC 8259 leaves open and we accept, as Go does: half of a surrogate pair is read as U+FFFD.
  static let acceptedByChoice = cases(
    in: #"""
      a high half alone                          │ ["\uDADA"]
      a low half alone                           │ ["\uDFAA"]
      a high half, then text                     │ ["\uD800abc"]
      a high half, then a short escape           │ ["\uD800\n"]
      a high half, then another character        │ ["\uD888\u1234"]
      two high halves                            │ ["\uD800\uD800"]
      two high halves, then a low one            │ ["\uD800\uD800\uDC00"]
      the halves in the wrong order              │ ["\uDd1e\uD834"]
      a high half at the end                     │ ["abc\uDBFF"]
      half a pair in a name                      │ {"\uDFAA":0}
      """#)
}
