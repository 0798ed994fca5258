/// Reads JSON tokens from UTF-8 bytes, in one forward pass, without building a tree.
///
/// The grammar is RFC 8259; the literals `NaN`, `Infinity` and `-Infinity`, which Python writes,
/// are numbers here too. Every access is checked, so no input can trap.
public struct JSONScanner: Sendable {
  private let bytes: [UInt8]
  private let end: Int
  /// The byte that will be read next.
  public private(set) var offset: Int

  /// Starts at the first byte of `range`, or of all bytes.
  public init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    let range = range ?? 0..<bytes.count
    offset = range.lowerBound
    end = min(range.upperBound, bytes.count)
  }

  /// The next byte that is not white space, without reading it; nil at the end.
  public mutating func peek() -> UInt8? {
    while offset < end {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      case let byte: return byte
      }
    }
    return nil
  }

  /// Reads one structural character.
  public mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
    guard let byte = peek(), UInt32(byte) == character.value else {
      throw .malformed(offset: offset, expected: "'\(character)'")
    }
    offset += 1
  }

  /// Reads one structural character if it comes next, and says whether it did.
  public mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard let byte = peek(), UInt32(byte) == character.value else { return false }
    offset += 1
    return true
  }

  /// Throws unless only white space is left.
  public mutating func expectEnd() throws(JSONError) {
    guard peek() == nil else { throw .malformed(offset: offset, expected: "the end") }
  }

  /// Reads a string and decodes its escapes; invalid UTF-8 and lone surrogates are malformed.
  public mutating func string() throws(JSONError) -> String {
    try expect("\"")
    let start = offset
    while offset < end {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        guard let text = validated(start..<offset) else {
          throw .malformed(offset: start, expected: "UTF-8")
        }
        offset += 1
        return text
      case UInt8(ascii: "\\"):
        return try escapedString(from: start)
      case 0..<0x20:
        throw .malformed(offset: offset, expected: "a printable character in the string")
      default: offset += 1
      }
    }
    throw .malformed(offset: offset, expected: "the string's end")
  }

  /// The rest of a string that has an escape at the current offset.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var utf8 = Array(bytes[start..<offset])
    while offset < end {
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: utf8, as: UTF8.self) else {
          throw .malformed(offset: start, expected: "UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        utf8.append(contentsOf: Array(String(try escape()).utf8))
      case 0..<0x20:
        throw .malformed(offset: offset - 1, expected: "a printable character in the string")
      default: utf8.append(byte)
      }
    }
    throw .malformed(offset: offset, expected: "the string's end")
  }

  /// The character behind a backslash.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    guard offset < end else { throw .malformed(offset: offset, expected: "an escape") }
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try fourHexDigits()
      if 0xD800..<0xDC00 ~= code {
        guard offset + 1 < end, bytes[offset] == UInt8(ascii: "\\"),
          bytes[offset + 1] == UInt8(ascii: "u")
        else { throw .malformed(offset: offset, expected: "the second half of a surrogate pair") }
        offset += 2
        let low = try fourHexDigits()
        guard 0xDC00..<0xE000 ~= low else {
          throw .malformed(offset: offset, expected: "the second half of a surrogate pair")
        }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw .malformed(offset: offset, expected: "a character")
      }
      return scalar
    default: throw .malformed(offset: offset - 1, expected: "an escape")
    }
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard offset < end, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
        throw .malformed(offset: offset, expected: "a hexadecimal digit")
      }
      code = code << 4 | UInt32(digit)
      offset += 1
    }
    return code
  }

  /// Reads a number's text, without converting it.
  public mutating func number() throws(JSONError) -> String {
    switch peek() {
    case UInt8(ascii: "N") where skipLiteral("NaN"): return "NaN"
    case UInt8(ascii: "I") where skipLiteral("Infinity"): return "Infinity"
    case UInt8(ascii: "-") where skipLiteral("-Infinity"): return "-Infinity"
    default: break
    }
    let start = offset
    if offset < end, bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    let integer = offset
    try digits()
    if bytes[integer] == UInt8(ascii: "0"), offset > integer + 1 {
      throw .malformed(offset: integer, expected: "a number without a leading zero")
    }
    if offset < end, bytes[offset] == UInt8(ascii: ".") {
      offset += 1
      try digits()
    }
    if offset < end, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if offset < end, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
        offset += 1
      }
      try digits()
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func digits() throws(JSONError) {
    let start = offset
    while offset < end, 0x30...0x39 ~= bytes[offset] { offset += 1 }
    guard offset > start else { throw .malformed(offset: offset, expected: "a digit") }
  }

  /// Reads a non-negative integer that fits in `Int`.
  public mutating func index() throws(JSONError) -> Int {
    guard peek() != nil else { throw .malformed(offset: offset, expected: "an integer") }
    let start = offset
    let text = try number()
    guard let value = Int(text), value >= 0, text.first != "-" else {
      throw .malformed(offset: start, expected: "a non-negative integer")
    }
    return value
  }

  /// Reads a literal if it comes next, and says whether it did.
  public mutating func skipLiteral(_ literal: String) -> Bool {
    _ = peek()
    let utf8 = literal.utf8
    guard utf8.count <= end - offset, bytes[offset..<offset + utf8.count].elementsEqual(utf8) else {
      return false
    }
    offset += utf8.count
    return true
  }

  private func validated(_ range: Range<Int>) -> String? {
    String(validating: bytes[range], as: UTF8.self)
  }
}
