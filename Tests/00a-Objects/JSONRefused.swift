extension JSONCase {
  static let refused = refusedArraysAndNumbers + refusedObjects + refusedStrings + refusedDocuments

  private static let refusedArraysAndNumbers = cases(
    in: #"""
      arrays: no comma                           │ ["": 1]
      arrays: a colon for a comma                │ ["a": 2]
      arrays: a comma after the end              │ [""],
      arrays: a comma and a number               │ [,1]
      arrays: two commas                         │ [1,,2]
      arrays: two commas at the end              │ ["x",,]
      arrays: an end too many                    │ ["x"]]
      arrays: a comma at the end                 │ ["",]
      arrays: only a comma                       │ [,]
      arrays: not closed                         │ ["x"
      arrays: not closed after a comma           │ [1,
      arrays: not closed after an object         │ [{}
      arrays: not closed after line breaks       │ ["a",␊4␊,1,
      arrays: a bare word                        │ [x
      arrays: an inner one without a comma       │ [3[4]]
      arrays: a semicolon                        │ [1;2]
      arrays: no comma between numbers           │ [1 2]
      arrays: no comma between strings           │ ["a" "b"]
      arrays: only a minus                       │ [-]
      arrays: a missing value                    │ [   , ""]
      arrays: a number and a comma               │ [1,]
      arrays: a number and several commas        │ [1,,]
      arrays: a vertical tab                     │ [␋a]
      arrays: a star                             │ [*]
      arrays: closed by a brace                  │ [1}
      literals: cut false                        │ [fals]
      literals: cut null                         │ [nul]
      literals: cut true                         │ [tru]
      literals: a capital                        │ [True]
      literals: capitals                         │ [TRUE]
      literals: None                             │ [None]
      literals: undefined                        │ [undefined]
      literals: two in one                       │ [truefalse]
      literals: a letter too many                │ nulll
      literals: one letter                       │ t
      numbers: two pluses                        │ [++1234]
      numbers: a plus                            │ [+1]
      numbers: +Inf                              │ [+Inf]
      numbers: a leading zero                    │ [012]
      numbers: a leading zero and a minus        │ [-01]
      numbers: two zeros                         │ [00]
      numbers: two dots                          │ [0.1.2]
      numbers: a dot at each end                 │ [-1.0.]
      numbers: nothing after the dot             │ [-2.]
      numbers: nothing after the dot, positive   │ [1.]
      numbers: nothing before the dot            │ [.123]
      numbers: minus and nothing before the dot  │ [-.123]
      numbers: a dot, then a minus               │ [.-1]
      numbers: nothing before dot and exponent   │ [.2e-3]
      numbers: -NaN                              │ [-NaN]
      numbers: NaN                               │ [NaN]
      numbers: Inf                               │ [Inf]
      numbers: Infinity                          │ [Infinity]
      numbers: -Infinity                         │ [-Infinity]
      numbers: an empty exponent                 │ [0.3e]
      numbers: an exponent of only a plus        │ [0.3e+]
      numbers: an exponent of only a minus       │ [1.0e-]
      numbers: a dot, then an exponent           │ [0.e1]
      numbers: zero and E                        │ [0E]
      numbers: zero, E and plus                  │ [0E+]
      numbers: an exponent with two signs        │ [0e+-1]
      numbers: two exponent letters              │ [1eE2]
      numbers: a dot and a signed exponent       │ [2.e+3]
      numbers: a dot and a negative exponent     │ [2.e-3]
      numbers: an exponent with a fraction       │ [1e1.5]
      numbers: garbage in the exponent           │ [1ea]
      numbers: a space inside                    │ [1 000.0]
      numbers: a space after the minus           │ [- 1]
      numbers: a full-width digit                │ [１]
      numbers: a sum                             │ [1+2]
      numbers: hexadecimal, one digit            │ [0x1]
      numbers: hexadecimal, two digits           │ [0x42]
      numbers: garbage after a fraction          │ [-123.123foo]
      numbers: garbage after a minus             │ [-foo]
      numbers: garbage after an integer          │ [-1x]
      numbers: a letter inside                   │ [1.2a-3]
      numbers: a letter for an e                 │ [1.8011670033376514H-308]
      numbers: an underscore                     │ [1_000]
      numbers: a suffix                          │ [100m]
      numbers: two minuses                       │ [--1]
      numbers: only a minus                      │ -
      numbers: only a dot                        │ .
      numbers: cut after the e                   │ 1e
      numbers: too large for a double            │ [1e400]
      numbers: too large and negative            │ [-123123e100000]
      numbers: an invalid byte after it          │ [123‹E5›]
      numbers: an invalid byte in the exponent   │ [1e1‹E5›]
      """#)

  private static let refusedObjects = cases(
    in: #"""
      objects: a bracket for a name              │ {[: "x"}
      objects: a comma for a colon               │ {"x", null}
      objects: two colons                        │ {"x"::"b"}
      objects: an equals sign for a colon        │ {"a"=1}
      objects: a semicolon for a comma           │ {"a":1;"b":2}
      objects: an emoji                          │ {🇨🇭}
      objects: garbage before the end            │ {"a":"a" 123}
      objects: a bare name, quoted value         │ {key: 'value'}
      objects: a bare name                       │ {a: "b"}
      objects: no colon                          │ {"a"
      objects: no colon before the value         │ {"a" b}
      objects: no value                          │ {"a":
      objects: a missing name                    │ {:"b"}
      objects: a missing colon                   │ {"a" "b"}
      objects: a number for a name               │ {1:1}
      objects: a big number for a name           │ {9999E9999:1}
      objects: null for a name                   │ {null:null,null:null}
      objects: true for a name                   │ {true:1}
      objects: several commas at the end         │ {"id":0,,,,,}
      objects: a comma at the end                │ {"id":0,}
      objects: only a comma                      │ {,}
      objects: two commas in a row               │ {"a":"b",,"c":"d"}
      objects: single quotes                     │ {'a':0}
      objects: a comment after it                │ {"a":"b"}/**/
      objects: an open comment after it          │ {"a":"b"}/**//
      objects: a line comment after it           │ {"a":"b"}//
      objects: a slash after it                  │ {"a":"b"}/
      objects: a hash sign after it              │ {"a":"b"}#
      objects: a string without a value          │ { "foo" : "bar", "a" }
      objects: a string alone                    │ {"a"}
      objects: an unterminated value             │ {"a":"a
      objects: not closed                        │ {"asd":"asd"
      objects: not closed and empty              │ {
      objects: not closed after a comma          │ {"a":1,
      objects: closed by a bracket               │ {"a":1]
      objects: a name twice                      │ {"a":"b","a":"c"}
      objects: a name twice, equal values        │ {"a":"b","a":"b"}
      objects: a name twice, once escaped        │ {"a":1,"\u0061":2}
      objects: the empty name twice              │ {"":1,"":2}
      objects: a long name twice                 │ {"terminationMessagePath":1,"x":2,"terminationMessagePath":3}
      objects: a name twice in an inner one      │ {"a":{"b":1,"b":1}}
      """#)

  private static let refusedStrings = cases(
    in: #"""
      strings: half a pair, then a backslash     │ ["\uD800\"]
      strings: half a pair, then \u              │ ["\uD800\u"]
      strings: half a pair, then \u1             │ ["\uD800\u1"]
      strings: half a pair, then \u1x            │ ["\uD800\u1x"]
      strings: half a pair, then a bad escape    │ ["\uD800\uD800\x"]
      strings: an incomplete second half         │ ["\uD834\uDd"]
      strings: letters without quotes            │ [é]
      strings: \x                                │ ["\x00"]
      strings: \a                                │ ["\a"]
      strings: \0                                │ "\0"
      strings: an octal escape                   │ "\012"
      strings: a capital U                       │ "\UA66D"
      strings: an escaped apostrophe             │ "\'"
      strings: three backslashes and a quote     │ ["\\\"]
      strings: an escaped tab character          │ ["\␉"]
      strings: an escaped line feed              │ ["\␊"]
      strings: an escaped zero byte              │ ["\␀"]
      strings: an escaped emoji                  │ ["\🌀"]
      strings: an escaped umlaut                 │ ["\ü"]
      strings: an escape without end             │ ["\"]
      strings: three digits                      │ ["\u00A"]
      strings: no hexadecimal digits             │ ["\uqqqq"]
      strings: a plus among the digits           │ "\u+123"
      strings: a minus among the digits          │ "\u-123"
      strings: full-width digits                 │ "\u００４１"
      strings: an escape before the quotes       │ [\u0020"asd"]
      strings: an escape without quotes          │ [\n]
      strings: one quote                         │ "
      strings: single quotes                     │ ['single quote']
      strings: a word                            │ abc
      strings: cut after a backslash             │ ["\
      strings: cut in an escape                  │ "\u12
      strings: cut in the text                   │ ["asd
      strings: a line feed                       │ ["new␊line"]
      strings: a tab                             │ ["␉"]
      strings: a carriage return                 │ ["a␍b"]
      strings: a zero byte                       │ ["a␀a"]
      strings: a unit separator                  │ ["␟"]
      strings: garbage after it                  │ ""x
      UTF-8: a lone byte                         │ ["‹FF›"]
      UTF-8: a lone continuation byte            │ ["‹81›"]
      UTF-8: Latin-1                             │ ["‹E9›"]
      UTF-8: a cut sequence                      │ ["‹E0›‹FF›"]
      UTF-8: a sequence cut by the quote         │ ["‹E2›‹82›"]
      UTF-8: a sequence cut by a backslash       │ ["‹C3›\n‹A9›"]
      UTF-8: two bytes for one                   │ ["‹C0›‹AF›"]
      UTF-8: three bytes for one                 │ ["‹E0›‹80›‹AF›"]
      UTF-8: four bytes for one                  │ ["‹F0›‹80›‹80›‹AF›"]
      UTF-8: five bytes                          │ ["‹F8›‹88›‹80›‹80›‹80›"]
      UTF-8: six bytes                           │ ["‹FC›‹83›‹BF›‹BF›‹BF›‹BF›"]
      UTF-8: half a surrogate pair               │ ["‹ED›‹A0›‹80›"]
      UTF-8: beyond U+10FFFF                     │ ["‹F4›‹BF›‹BF›‹BF›"]
      UTF-8: in a name                           │ {"‹B9›":"0"}
      UTF-8: after an escape                     │ ["\u0041‹FE›"]
      UTF-8: outside a string                    │ [‹E9›]
      """#)

  private static let refusedDocuments = cases(
    in: #"""
      documents: nothing                         │
      documents: only a space                    │ ␠
      documents: only a line feed                │ ␊
      documents: angle brackets                  │ <.>
      documents: null in angle brackets          │ [<null>]
      documents: a letter after the end          │ [1]x
      documents: a bracket after the end         │ [1]]
      documents: a bracket after a number        │ 1]
      documents: two arrays                      │ [][]
      documents: two objects                     │ {}{}
      documents: two numbers                     │ 1 2
      documents: a string after an object        │ {"a":true} "x"
      documents: an at sign after a number       │ 2@
      documents: a closing bracket               │ ]
      documents: a closing brace                 │ }
      documents: a capital                       │ A
      documents: a star                          │ *
      documents: a ring above                    │ aå
      documents: four openings                   │ [[[[
      documents: an object opened in an array    │ [{
      documents: an array opened in an object    │ {[
      documents: an object opened, a comma       │ {,
      documents: an array opened, a comma        │ [,
      documents: an object opened, a string      │ {"a
      documents: an object opened, an apostrophe │ {'a'
      documents: an array opened, an apostrophe  │ ['
      documents: an array opened, a string       │ ["a
      documents: a comma after true, not closed  │ {"x": true,
      documents: not closed after null           │ [1,null
      documents: cut in null                     │ [ false, nul
      documents: cut in false                    │ [ true, fals
      documents: cut in true                     │ [ false, tru
      documents: a hash sign inside              │ {#}
      documents: a hash sign and an object       │ {"a":"b"}#{}
      documents: escaped quotes outside          │ [\"a\"]
      documents: an escape outside               │ [\u000A""]
      documents: a comment                       │ /* */ 1
      documents: a line comment                  │ // 1␊1
      documents: a hash comment                  │ # 1␊1
      documents: YAML                            │ a: 1
      documents: parentheses                     │ ()
      documents: a form feed                     │ [␌]
      documents: a word joiner                   │ [‹E2›‹81›‹A0›]
      documents: a no-break space                │ ‹C2›‹A0›1
      documents: a line separator                │ ‹E2›‹80›‹A8›1
      documents: only a byte order mark          │ ‹EF›‹BB›‹BF›
      documents: a byte order mark first         │ ‹EF›‹BB›‹BF›{}
      documents: an incomplete byte order mark   │ ‹EF›‹BB›{}
      documents: UTF-16                          │ ‹FF›‹FE›[␀"␀"␀]␀
      documents: UTF-16 without a mark           │ ␀[␀"␀"␀]
      documents: a zero byte                     │ ␀
      documents: a zero byte at the end          │ []␀
      documents: a zero byte between             │ [1,␀2]
      documents: an invalid byte                 │ ‹E5›
      """#)
}
