import JSON
import TestSupport
import Testing

@Suite struct JSONWritingTests {
  @Test func `both layouts`() throws {
    let value: JSONValue = ["a": [1, 2.5, [:], []], "b": ["c": .null, "d": true]]
    #expect(value.text() == #"{"a":[1,2.5,{},[]],"b":{"c":null,"d":true}}"#)
    #expect(
      value.text(.indented) == """
        {
          "a": [
            1,
            2.5,
            {},
            []
          ],
          "b": {
            "c": null,
            "d": true
          }
        }
        """
    )
  }

  @Test func `control characters are escaped, others stay`() {
    let text = JSONValue.string("\"\\/\n\r\t\u{0}\u{1B}\u{7F}\u{9B}é\u{1F600}").text()
    #expect(text == #""\"\\/\n\r\t\u0000\u001b\u007f\u009bé\#u{1F600}""#)
  }

  @Test func `numbers that JSON cannot hold become strings`() {
    let value: JSONValue = [.number(.nan), .number(.infinity), .number(-.infinity)]
    #expect(value.text() == #"["NaN","Infinity","-Infinity"]"#)
  }

  @Test func `any document reads back as it was written`() throws {
    for seed in 0..<500 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let value = Self.value(by: &generator, depth: 0)
      #expect(try JSONValue(parsing: value.text()) == value, "seed \(seed)")
      #expect(try JSONValue(parsing: value.text(.indented)) == value, "seed \(seed)")
    }
  }

  private static func value(by generator: inout SeededGenerator, depth: Int) -> JSONValue {
    switch generator.index(below: depth < 5 ? 8 : 6) {
    case 0: return .null
    case 1: return .bool(generator.index(below: 2) == 0)
    case 2: return .integer(Int(truncatingIfNeeded: generator.next()))
    case 3, 4:
      let number = Double(bitPattern: generator.next())
      return .number(number.isFinite ? number : 0.1)
    case 5: return .string(string(by: &generator))
    case 6:
      return .array(
        (0..<generator.index(below: 4)).map { _ in value(by: &generator, depth: depth + 1) }
      )
    default:
      return .object(
        (0..<generator.index(below: 4)).map { index in
          JSONValue.Member(
            "\(index)" + string(by: &generator),
            value(by: &generator, depth: depth + 1)
          )
        }
      )
    }
  }

  private static func string(by generator: inout SeededGenerator) -> String {
    var text = ""
    for _ in 0..<generator.index(below: 6) {
      let bound = [0x80, 0x800, 0xD800, 0x11_0000][generator.index(below: 4)]
      if let scalar = Unicode.Scalar(UInt32(generator.index(below: bound))) {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
