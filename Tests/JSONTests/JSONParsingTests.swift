import JSON
import Testing

/// The grammar of RFC 8259, with the three literals that Python adds.
@Suite struct JSONParsingTests {
  static let right: [(text: String, value: JSONValue)] = [
    ("null", .null), ("true", .bool(true)), (" false\r\n\t", .bool(false)),
    ("0", .integer(0)), ("-0", .integer(0)), ("-12", .integer(-12)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    ("0.5", .number(0.5)), ("-0.0", .number(-0.0)), ("1e3", .number(1000)), ("1E+3", .number(1000)),
    ("1.25e-2", .number(0.0125)), ("0e0", .number(0)), ("4.0", .number(4)),
    ("5e-324", .number(.leastNonzeroMagnitude)), ("1e-400", .number(0)),
    ("1e400", .number(.infinity)),
    ("Infinity", .number(.infinity)), ("-Infinity", .number(-.infinity)),
    ("\"\"", .string("")), ("\"é\u{1F600}\"", .string("é\u{1F600}")),
    (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
    (#""\u0041\u00e9\u00E9\uD83D\uDE00\u0000""#, .string("A\u{E9}\u{E9}\u{1F600}\u{0}")),
    (#""\uFFFF""#, .string("\u{FFFF}")),
    ("\"\u{7F}\"", .string("\u{7F}")),
    ("[]", .array([])), ("[ ]", .array([])), ("[1,[2],{}]", [1, [2], .object([])]),
    ("{}", .object([])), (#"{"b":1,"a":{"":null}}"#, ["b": 1, "a": ["": .null]]),
  ]

  @Test(arguments: right)
  func `a right text is read`(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
  }

  @Test func `NaN is a number`() throws {
    #expect(try JSONValue(parsing: "[NaN]").elements?.first?.number?.isNaN == true)
  }

  @Test func `members keep the order of the text`() throws {
    let members = try JSONValue(parsing: #"{"z":1,"a":2,"m":3}"#).members
    #expect(members?.map(\.key) == ["z", "a", "m"])
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "True", "nan", "inf", "-", "+1", ".5", "1.", "1.e3", "1e", "1e+", "01",
    "-01", "00", "0x10", "1 2", "--1", "-NaN", "+Infinity", "1_000", "\"", "\"a", "'a'", "\"\\\"",
    #""\x41""#, #""\u12""#, #""\u12G4""#, #""\u+123""#, #""\uD800""#, #""\uD800\u0041""#,
    #""\uD800\uD800""#, #""\uDC00""#, #""\uD83D\n""#, "\"\n\"", "\"\t\"", "\"\u{0}\"",
    "\"a\\n\u{1}\"",
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "}", "{\"a\"", "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,}", "{,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1]", "{}{}",
    "[]x", "// a\n1", "/**/1", "\u{FEFF}1", "\u{A0}1", "\u{C}1", "1\u{0}",
  ])
  func `a broken text is refused`(text: String) {
    #expect {
      try JSONValue(parsing: text)
    } throws: { error in
      guard case JSONError.malformed(let offset, _) = error else { return false }
      return 0...text.utf8.count ~= offset
    }
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22],
      [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
      [0xEF, 0xBB, 0xBF, 0x31],
    ] as [[UInt8]]
  )
  func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
  }

  @Test func `a key twice is refused, also in another spelling`() {
    for text in [#"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"[{"b":{"a":1,"c":2,"a":3}}]"#] {
      #expect(throws: JSONError.duplicateKey("a")) { try JSONValue(parsing: text) }
    }
    #expect(throws: Never.self) { try JSONValue(parsing: #"[{"a":1},{"a":1}]"#) }
  }

  @Test func `nesting is bounded`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(JSONValue.depthLimit))
    let limit = JSONError.tooDeep(limit: JSONValue.depthLimit)
    #expect(throws: limit) { try JSONValue(parsing: nested(JSONValue.depthLimit + 1)) }
    #expect(throws: limit) {
      try JSONValue(parsing: String(repeating: "{\"a\":", count: 1_000_000))
    }
  }
}
