import JSON
import Testing

@Suite struct JSONScannerTests {
  private func index(_ text: String) throws -> Int {
    var scanner = JSONScanner(Array(text.utf8))
    return try scanner.index()
  }

  @Test func `an index is a whole number from zero on`() throws {
    #expect(try index("0") == 0)
    #expect(try index(" 42,") == 42)
    #expect(try index("9223372036854775807") == .max)
    for text in [
      "-0", "-1", "1.0", "1e2", "9223372036854775808", "NaN", "Infinity", "", "\"1\"", "01", "[",
    ] {
      #expect(throws: JSONError.self, "\(text)") { try index(text) }
    }
  }

  @Test func `a range of the bytes is all there is`() throws {
    let bytes = Array("xx[12]34".utf8)
    var scanner = JSONScanner(bytes, in: 2..<5)
    try scanner.expect("[")
    #expect(try scanner.index() == 12)
    #expect(throws: JSONError.malformed(offset: 5, expected: "']'")) { try scanner.expect("]") }
    var beyond = JSONScanner(bytes, in: 7..<100)
    #expect(try beyond.index() == 4)
    try beyond.expectEnd()
    var cut = JSONScanner(Array("\"a\\u00412\"".utf8), in: 0..<7)
    #expect(throws: JSONError.self) { try cut.string() }
    var literal = JSONScanner(Array("true".utf8), in: 0..<3)
    let isTrue = literal.skipLiteral("true")
    #expect(!isTrue)
  }
}
