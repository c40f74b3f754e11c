import Objects
import Testing

@testable import CustomResources

/// What expressions are worth, in tables: on the left an expression, on the right another that has the same value.
@Suite struct CELTests {
  static func value(_ source: String, _ variables: [String: CELValue] = [:]) throws -> CELValue {
    let types = variables.mapValues { _ in CELType.dyn }
    var budget = CELCost.perCall
    return try CELExpression(source, variables: types).evaluate(variables, budget: &budget)
  }

  private func holds(_ rows: [(String, CELValue)], _ variables: [String: CELValue] = [:]) {
    for (source, expected) in rows {
      do {
        let found = try Self.value(source, variables)
        #expect(found == expected && found.typeName == expected.typeName, "\(source) is \(found)")
      } catch {
        Issue.record("\(source): \(error)")
      }
    }
  }

  private func fails(_ rows: [(String, String)], _ variables: [String: CELValue] = [:]) {
    for (source, message) in rows {
      do {
        let found = try Self.value(source, variables)
        Issue.record("\(source) is \(found), not \(message)")
      } catch {
        #expect("\(error)" == message, "\(source)")
      }
    }
  }

  @Test func literalsAreReadAsTheSpecificationSays() {
    holds([
      ("1", .int(1)), ("0x1F", .int(31)), ("-0x10", .int(-16)), ("1u", .uint(1)), ("0xFFu", .uint(255)),
      ("-9223372036854775808", .int(.min)), ("9223372036854775807", .int(.max)), ("18446744073709551615u", .uint(.max)),
      ("1.5", .double(1.5)), (".5", .double(0.5)), ("1e3", .double(1000)), ("2.5E-1", .double(0.25)),
      ("true", .bool(true)),
      ("null", .null), ("'a'", .string("a")), ("\"a'b\"", .string("a'b")), (#"'a\n\t\\\''"#, .string("a\n\t\\'")),
      (#"'\x41\u00e9\U0001F600\101'"#, .string("Aé😀A")), (#"r'\n'"#, .string("\\n")), ("'''a\n'b'''", .string("a\n'b")),
      (#""""a"b""""#, .string("a\"b")), ("b'abc'", .bytes([97, 98, 99])),
      (#"b'\xff\000é'"#, .bytes([255, 0, 0xc3, 0xa9])),
      ("rb'\\x'", .bytes([92, 120])), ("[1, 2, ]", .list([.int(1), .int(2)])), ("// nothing\n1 // one", .int(1)),
      ("size({'a': 1, 'b': 2})", .int(2)), ("!!true", .bool(true)), ("--1", .int(1)), ("- 1", .int(-1)),
    ])
  }

  @Test func operatorsBindAsTheSpecificationSays() {
    holds([
      ("1 + 2 * 3", .int(7)), ("(1 + 2) * 3", .int(9)), ("10 - 2 - 3", .int(5)), ("7 / 2", .int(3)),
      ("-7 / 2", .int(-3)),
      ("-7 % 2", .int(-1)), ("1 < 2 == true", .bool(true)), ("true || false && false", .bool(true)),
      ("false ? 1 : true ? 2 : 3", .int(2)), ("1 in [1, 2] && !(3 in [1])", .bool(true)), ("-[1][0]", .int(-1)),
      ("'a' + 'b' == 'ab'", .bool(true)), ("[1] + [2] == [1, 2]", .bool(true)), ("b'a' + b'b'", .bytes([97, 98])),
      ("7u / 2u", .uint(3)), ("1.0 / 0.0 > 1e300", .bool(true)), ("2 - -2", .int(4)), ("!(1 == 2)", .bool(true)),
    ])
  }

  @Test func numbersAreEqualAcrossTypes() {
    holds([
      ("dyn(1) == dyn(1u)", .bool(true)), ("dyn(1) == dyn(1.0)", .bool(true)), ("dyn(1) == dyn('1')", .bool(false)),
      ("1 < 1.5", .bool(true)), ("2u > 1", .bool(true)), ("-1 < 0u", .bool(true)), ("dyn(1.0) in [1, 2]", .bool(true)),
      ("{1: 'a'}[dyn(1u)]", .string("a")), ("9007199254740993 > 9007199254740992.0", .bool(true)),
      ("double('NaN') == double('NaN')", .bool(false)), ("double('NaN') < 1.0", .bool(false)),
      ("9223372036854775807 < 1e19", .bool(true)), ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", .bool(true)),
      ("[[1], [2]] == [[1], [2]]", .bool(true)), ("type(1) == int && type(type(1)) == type", .bool(true)),
      ("type(null) == null_type", .bool(true)),
      ("type(timestamp('2026-01-01T00:00:00Z')) == google.protobuf.Timestamp", .bool(true)),
      ("type(dyn(duration('1s'))) == google.protobuf.Duration && type(google.protobuf.Duration) == type", .bool(true)),
      ("[{'protobuf': {'Duration': 1}}].all(google, google.protobuf.Duration == 1)", .bool(true)),
    ])
  }

  @Test func anErrorNeedsNobodyWhoDoesNotDependOnIt() {
    holds([
      ("1 / 0 > 1 || true", .bool(true)), ("true || 1 / 0 > 1", .bool(true)), ("1 / 0 > 1 && false", .bool(false)),
      ("[1, 0].exists(x, 1 / x > 0)", .bool(true)), ("[0, 1].exists(x, 1 / x > 0)", .bool(true)),
      ("[0, 5].all(x, 10 / x > 3)", .bool(false)), ("true ? 1 : 1 / 0", .int(1)),
    ])
    fails([
      ("1 / 0 > 1 || false", "division by zero"), ("true && 1 % 0 == 1", "modulus by zero"),
      ("[0, 1].all(x, 1 / x > 0)", "division by zero"), ("[0].exists(x, 1 / x > 0)", "division by zero"),
      ("[0, 1].exists_one(x, 1 / x > 0)", "division by zero"), ("1 / 0 == 1 ? 1 : 2", "division by zero"),
    ])
  }

  @Test func whatDoesNotFitIsAnError() {
    fails([
      ("9223372036854775807 + 1", "integer overflow"), ("-9223372036854775808 - 1", "integer overflow"),
      ("-9223372036854775808 / -1", "integer overflow"), ("9223372036854775807 * 2", "integer overflow"),
      ("-dyn(-9223372036854775808)", "integer overflow"), ("0u - 1u", "unsigned integer overflow"),
      ("int(1e19)", "integer overflow"), ("uint(-1)", "unsigned integer overflow"),
      ("int(double('NaN'))", "integer overflow"),
      ("int('x')", "strconv.ParseInt: parsing \"x\": invalid syntax"), ("[1][1]", "index out of bounds: 1"),
      ("[1][-1]", "index out of bounds: -1"), ("{'a': 1}['b']", "no such key: b"), ("{'a': 1}.b", "no such key: b"),
      ("dyn(1) + 'a'", "no such overload"), ("dyn('a').b", "no such overload"),
      ("{dyn(1.5): 1}", "unsupported key type: double"),
      ("{'a': 1, 'a': 2}", "Failed with repeated key"),
      ("timestamp('9999-12-31T23:59:59Z') + duration('1h')", "timestamp overflow"),
      ("duration(dyn('soon'))", "time: invalid duration \"soon\""),
      ("duration(dyn('5'))", "time: missing unit in duration \"5\""),
      ("duration(dyn('1d'))", "time: unknown unit \"d\" in duration \"1d\""),
      ("duration(dyn('2562048h'))", "time: invalid duration \"2562048h\""),
    ])
  }

  @Test func macrosLookAtEveryElement() {
    holds([
      ("[1, 2, 3].all(x, x > 0)", .bool(true)), ("[].all(x, false)", .bool(true)), ("[].exists(x, true)", .bool(false)),
      ("[1, 2, 3].exists_one(x, x > 2)", .bool(true)), ("[1, 2, 3].existsOne(x, x > 1)", .bool(false)),
      ("[1, 2, 3].map(x, x * 2) == [2, 4, 6]", .bool(true)), ("[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]", .bool(true)),
      ("[1, 2, 3].filter(x, x != 2) == [1, 3]", .bool(true)), ("{'a': 1}.all(k, k == 'a')", .bool(true)),
      ("{'a': 1, 'b': 2}.filter(k, k > 'a') == ['b']", .bool(true)),
      ("has({'a': 1}.a) && !has({'a': 1}.b)", .bool(true)),
      ("[4, 5].all(i, v, v == i + 4)", .bool(true)), ("{'a': 1}.exists(k, v, k == 'a' && v == 1)", .bool(true)),
      ("[1, 2].transformList(i, v, i + v) == [1, 3]", .bool(true)),
      ("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2) == {'b': 4}", .bool(true)),
      ("{'greeting': 'hello'}.transformMapEntry(k, v, {v: k}) == {'hello': 'greeting'}", .bool(true)),
      ("[1, 2, 3].transformMapEntry(i, v, v != 2, {v: i, -v: i}) == {1: 0, -1: 0, 3: 2, -3: 2}", .bool(true)),
      ("['bb', 'a', 'ccc'].sortBy(x, -x.size()) == ['ccc', 'bb', 'a']", .bool(true)),
      ("[].sortBy(x, x) == []", .bool(true)), ("[3, 1, 2].map(x, x * 2).sortBy(x, x)[0]", .int(2)),
      ("[1, 2].all(x, [x].all(x, x > 0) && x > 0)", .bool(true)),
    ])
    fails([
      ("{'a': 'c', 'b': 'c'}.transformMapEntry(k, v, {v: k})", "insert failed: key c already exists"),
      ("[1, 2].transformMapEntry(i, v, dyn(v))", "no such overload"),
      ("dyn({'a': 1}).sortBy(x, x)", "no such overload"),
      ("[1].sortBy(x, dyn([x]))", "list elements must be comparable"),
    ])
  }

  @Test func optionalsAreNeitherNullNorAnError() {
    holds([
      ("optional.of(1).value()", .int(1)), ("optional.none().orValue(2)", .int(2)),
      ("{'a': 1}.?a.hasValue()", .bool(true)),
      ("{'a': {'b': 1}}.?x.b.orValue(5)", .int(5)), ("[1][?3].orValue(0)", .int(0)),
      ("{'a': 1}[?'a'].value()", .int(1)),
      ("optional.of(1).or(optional.of(2)).value()", .int(1)), ("[?optional.none(), 1] == [1]", .bool(true)),
      ("{?'a': optional.none()} == {}", .bool(true)), ("optional.of(2).optMap(x, x * 2).value()", .int(4)),
      ("optional.none().optMap(x, x).hasValue()", .bool(false)),
      ("optional.ofNonZeroValue('').hasValue()", .bool(false)),
      ("optional.of(1).optFlatMap(x, optional.none()).hasValue()", .bool(false)),
      ("optional.of(1) == optional.of(1) && optional.none() != optional.of(1)", .bool(true)),
      ("optional.unwrap([optional.of(42), optional.none()]) == [42]", .bool(true)),
      ("[optional.none(), optional.of(1)].unwrapOpt() == [1]", .bool(true)),
      ("[1, 2, 3].first().value() + [1, 2, 3].last().value()", .int(4)), ("[].first().hasValue()", .bool(false)),
    ])
    fails([("optional.none().value()", "optional.none() dereference")])
  }

  @Test func conversionsKeepTheValueOrFail() {
    holds([
      ("int(2.9)", .int(2)), ("int('-5')", .int(-5)), ("uint('7')", .uint(7)), ("double('1.5')", .double(1.5)),
      ("string(1.0)", .string("1")), ("string(1e6)", .string("1e+06")), ("string(123456.5)", .string("123456.5")),
      ("string(0.00001)", .string("1e-05")), ("string(-0.25)", .string("-0.25")), ("string(b'abc')", .string("abc")),
      ("bytes('é')", .bytes([0xc3, 0xa9])), ("bool('True')", .bool(true)), ("string(true)", .string("true")),
      ("string(timestamp('2026-11-21T03:37:00.250Z'))", .string("2026-11-21T03:37:00.25Z")),
      ("string(duration('1h30m0.5s'))", .string("5400.5s")), ("int(timestamp('1970-01-01T00:01:00Z'))", .int(60)),
      ("duration('-1.5h') == duration('-90m')", .bool(true)), ("string(duration('1ns'))", .string("0.000000001s")),
      ("string(duration('.5s1.000000001s'))", .string("1.500000001s")),
      ("string(duration('2562047h'))", .string("9223369200s")),
    ])
  }

  @Test func timesAreToldByTheCalendar() {
    let time = "timestamp('2024-12-31T23:04:05.678Z')"
    holds([
      ("\(time).getFullYear()", .int(2024)), ("\(time).getMonth()", .int(11)), ("\(time).getDate()", .int(31)),
      ("\(time).getDayOfMonth()", .int(30)), ("\(time).getDayOfYear()", .int(365)), ("\(time).getDayOfWeek()", .int(2)),
      ("\(time).getHours()", .int(23)), ("\(time).getMinutes()", .int(4)), ("\(time).getSeconds()", .int(5)),
      ("\(time).getMilliseconds()", .int(678)), ("\(time).getFullYear('+01:00')", .int(2025)),
      ("\(time).getHours('-02:30')", .int(20)), ("\(time) - duration('4m') < \(time)", .bool(true)),
      ("(\(time) - timestamp('2024-12-31T22:04:05.678Z')).getMinutes()", .int(60)),
      ("duration('3730s').getHours()", .int(1)), ("duration('1.5s').getMilliseconds()", .int(1500)),
      ("timestamp('1969-12-31T23:59:59.5Z').getDayOfWeek()", .int(3)),
    ])
  }

  @Test func textsAreCountedInCharacters() {
    holds([
      ("size('é😀')", .int(2)), ("'a😀b'.charAt(1)", .string("😀")), ("'abc'.charAt(3)", .string("")),
      ("'hello'.contains('ell') && 'x'.contains('')", .bool(true)),
      ("'hello'.startsWith('he') && 'hello'.endsWith('lo')", .bool(true)),
      ("'hello'.indexOf('l')", .int(2)), ("'hello'.indexOf('l', 3)", .int(3)), ("'hello'.lastIndexOf('l')", .int(3)),
      ("'hello'.lastIndexOf('l', 2)", .int(2)), ("'hello'.indexOf('z')", .int(-1)),
      ("['a', 'b'].join('-')", .string("a-b")),
      ("['a', 'b'].join()", .string("ab")), ("'HeLÄ'.lowerAscii()", .string("helÄ")),
      ("'heä'.upperAscii()", .string("HEä")),
      ("'a-b-c'.replace('-', '+')", .string("a+b+c")), ("'a-b-c'.replace('-', '+', 1)", .string("a+b-c")),
      ("'ab'.replace('', '_')", .string("_a_b_")), ("'a,b,c'.split(',') == ['a', 'b', 'c']", .bool(true)),
      ("'a,b,c'.split(',', 2) == ['a', 'b,c']", .bool(true)), ("'a,b'.split(',', 0) == []", .bool(true)),
      ("'abc'.split('') == ['a', 'b', 'c']", .bool(true)), ("'hello'.substring(2)", .string("llo")),
      ("'hello'.substring(1, 3)", .string("el")), ("'  x\\n'.trim()", .string("x")),
      ("strings.quote('a\"b')", .string("\"a\\\"b\"")),
    ])
    fails([
      ("'abc'.charAt(4)", "index out of range: 4"),
      ("'abc'.substring(2, 1)", "invalid substring range. start: 2, end: 1"),
    ])
  }

  @Test func listsAndSets() {
    holds([
      ("[1, 2, 2].isSorted() && !['b', 'a'].isSorted()", .bool(true)), ("[1, 2].sum()", .int(3)),
      ("[1.5, 2.0].sum()", .double(3.5)),
      ("[duration('1m'), duration('1s')].sum() == duration('61s')", .bool(true)), ("[].sum()", .int(0)),
      ("[3, 1, 2].min()", .int(1)), ("['a', 'c', 'b'].max()", .string("c")), ("[1, 2, 1].indexOf(1)", .int(0)),
      ("[1, 2, 1].lastIndexOf(1)", .int(2)), ("[1, 2, 3].slice(1, 3) == [2, 3]", .bool(true)),
      ("[1, 1, 2].distinct() == [1, 2]", .bool(true)), ("dyn([[1], [2, 3]]).flatten() == [1, 2, 3]", .bool(true)),
      ("[[1], [2, 3]].flatten() == [1, 2, 3]", .bool(true)),
      ("[dyn(1), [dyn(2), [3]]].flatten() == [dyn(1), 2, [3]]", .bool(true)),
      ("[dyn(1), [dyn(2), [dyn(3), [4]]]].flatten(2) == [dyn(1), 2, 3, [4]]", .bool(true)),
      ("[5, 3, 1, 2].reverse() == [2, 1, 3, 5]", .bool(true)), ("lists.range(3) == [0, 1, 2]", .bool(true)),
      ("[3, 2, 1].sort() == [1, 2, 3] && ['b', 'c', 'a'].sort() == ['a', 'b', 'c']", .bool(true)),
      ("[duration('1m'), duration('1s')].sort()[0] == duration('1s') && [].sort() == []", .bool(true)),
      ("sets.contains([1, 2], [2])", .bool(true)), ("sets.equivalent([1, 2], [2, 1, 1])", .bool(true)),
      ("sets.intersects([1], [2])", .bool(false)),
    ])
    fails([
      ("[].min()", "min called on empty list"), ("[dyn(1), 'b'].sort()", "list elements must have the same type"),
      ("dyn([[1]]).sort()", "list elements must be comparable"), ("dyn([1]).flatten(-1)", "level must be non-negative"),
      ("[1].slice(-1, 1)", "cannot slice(-1, 1), negative indexes not supported"),
      ("[1].slice(1, 0)", "cannot slice(1, 0), start index must be less than or equal to end index"),
      ("[1].slice(0, 2)", "cannot slice(0, 2), list is length 1"),
      ("lists.range(-1)", "lists.range: size must be non-negative, got -1"),
    ])
  }
}

/// What Kubernetes adds to the language.
@Suite struct CELKubernetesTests {
  @Test(arguments: [
    "'abc'.matches('^a.c$') && !matches('abc', '^b')", "'a1b22'.find('[0-9]+') == '1'",
    "'a1b22'.findAll('[0-9]+') == ['1', '22']",
    "'a1b22'.findAll('[0-9]+', 1) == ['1']", "quantity('1.5Gi').isGreaterThan(quantity('1G'))", "!isQuantity('1.5Zi')",
    "quantity('50k').asInteger() == 50000 && !quantity('50m').isInteger()", "quantity('-1').sign() == -1",
    "quantity('1').add(quantity('500m')).compareTo(quantity('1500m')) == 0", "quantity('3').sub(1) == quantity('2')",
    "quantity('50m').asApproximateFloat() == 0.05",
    "isIP('10.0.0.1') && isIP('::1') && !isIP('10.0.0.256') && !isIP('::ffff:1.2.3.4')",
    "ip('2001:DB8::0:1') == ip('2001:db8::1')", "ip('::1').family() == 6 && ip('127.0.0.1').isLoopback()",
    "!ip.isCanonical('2001:DB8::1') && ip.isCanonical('2001:db8::1')", "string(ip('1:0:0:2:0:0:0:3')) == '1:0:0:2::3'",
    "string(ip('::')) == '::' && ip('::').isUnspecified()",
    "ip('fe80::1').isLinkLocalUnicast() && !ip('fe80::1').isGlobalUnicast()",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))",
    "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && cidr('10.1.0.0/16').prefixLength() == 16",
    "string(cidr('10.1.2.3/8').masked()) == '10.0.0.0/8' && cidr('::/0').containsIP('fe80::1')",
    "!isCIDR('10.0.0.0/33')",
    "url('https://u@example.com:80/a%20b?x=1&x=2').getHost() == 'example.com:80'",
    "url('https://[::1]:80/').getHostname() == '::1'",
    "url('https://example.com/a%20b?x=1&x=2').getQuery() == {'x': ['1', '2']}",
    "url('https://example.com/a%20b').getEscapedPath() == '/a%20b'",
    "isURL('/path') && !isURL('example.com') && url('http://a').getPort() == '' && url('http://a').getScheme() == 'http'",
    "!format.dns1123Label().validate('my-name').hasValue() && format.dns1123Label().validate('My').hasValue()",
    "format.named('uuid').value().validate('x').value() == ['does not match the UUID format'] && !format.named('no').hasValue()",
    "semver('1.2.3') == semver('1.2.3+build.7') && semver('v01.01', true) == semver('1.1.0')",
    "semver('1.0.0').isLessThan(semver('1.2.3')) && !semver('1.0.0').isGreaterThan(semver('1.0.0'))",
    "[1, 2, 3] == [semver('1.2.3').major(), semver('1.2.3').minor(), semver('1.2.3').patch()]",
    "isSemver('1.2.3-beta.1+build.1') && ['', 'v1.0.0', ' 1.0.0', '1. 0.0', '01.01.01', '1', '1.1'].all(v, !isSemver(v))",
    "['v1.0.0', '01.01.01', '1', '1.1'].all(v, isSemver(v, true)) && ['', '1. 0.0', '1-a', ' 1.0.0'].all(v, !isSemver(v, true))",
    "!format.dns1123LabelPrefix().validate('my-').hasValue() && !format.datetime().validate('2026-11-21T00:00:00Z').hasValue()",
  ])
  func isTrue(_ source: String) throws {
    #expect(try CELTests.value(source) == .bool(true), "\(source)")
  }

  /// The row of examples of semver.org.
  @Test func aVersionIsLessThanAllThatFollowIt() throws {
    let row = [
      "0.9.9", "1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
      "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.10", "1.2.0", "10.0.0",
    ]
    for (left, a) in row.enumerated() {
      for (right, b) in row.enumerated() {
        let order = Int64((left - right).signum())
        #expect(try CELTests.value("semver('\(a)').compareTo(semver('\(b)'))") == .int(order), "\(a) and \(b)")
      }
    }
  }

  @Test(arguments: [
    ("", "Version string empty"), ("v1.0", "No Major.Minor.Patch elements found"),
    ("v1.0.0", "Invalid character(s) found in major number \"v1\""),
    ("1.02.0", "Minor number must not contain leading zeroes \"02\""),
    ("1.0.x", "Invalid character(s) found in patch number \"x\""), ("1.0.0-", "Prerelease is empty"),
    ("1.0.0-01", "Numeric PreRelease version must not contain leading zeroes \"01\""),
    ("1.0.0-a_b", "Invalid character(s) found in prerelease \"a_b\""), ("1.0.0+", "Build meta data is empty"),
    ("1.0.0+é", "Invalid character(s) found in build meta data \"é\""),
    ("1..0", "strconv.ParseUint: parsing \"\": invalid syntax"),
    ("99999999999999999999.0.0", "strconv.ParseUint: parsing \"99999999999999999999\": value out of range"),
  ])
  func whatIsNoVersionIsTold(_ text: String, _ message: String) {
    #expect(throws: CELFailure.fault(message)) { try CELTests.value("semver('\(text)')") }
  }
}

/// && and ||, which do not care on which side an error is.
@Suite struct CELLogicTests {
  @Test func oneOperandThatDecidesIsEnoughOnWhicheverSideItIs() throws {
    for source in ["false && 1 / 0 > 1", "1 / 0 > 1 && false", "1 / 0 > 1 && dyn('a') && false && true"] {
      #expect((try? CELTests.value(source)) == .bool(false), "false decides: \(source)")
    }
    for source in ["true || 1 / 0 > 1", "1 / 0 > 1 || true", "dyn(1) || false || true"] {
      #expect((try? CELTests.value(source)) == .bool(true), "true decides: \(source)")
    }
    #expect(try CELTests.value("true && true && true") == .bool(true))
    #expect(try CELTests.value("false || false") == .bool(false))
  }

  @Test func aFaultCountsOnlyWhenNothingDecides() {
    for (source, fault) in [
      ("true && 1 / 0 > 1 && 1 % 0 > 1", "division by zero"), ("1 % 0 > 1 || false || 1 / 0 > 1", "modulus by zero"),
      ("true && dyn(1)", "no such overload"),
    ] {
      #expect(throws: CELFailure.fault(fault), "the first fault: \(source)") { try CELTests.value(source) }
    }
  }

  @Test func theEndOfTheBudgetIsTheEnd() throws {
    var budget = 20
    let rule = try CELExpression("x.all(y, y.size() > 0) || true", variables: ["x": .list(of: .string)])
    let long = CELValue.list((0..<100).map { .string("\($0)") })
    #expect(throws: CELFailure.exhausted, "nothing makes up for a budget that is spent") {
      try rule.evaluate(["x": long], budget: &budget)
    }
  }
}
