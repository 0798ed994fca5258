extension JSONValue {
  /// How deep arrays and objects may be nested.
  public static let depthLimit = 64

  /// Parses a whole UTF-8 text; a byte order mark, duplicate keys and trailing text are refused.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    self = try Self.value(&scanner, depth: 0)
    try scanner.expectEnd()
  }

  /// Parses a whole text.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads the value that comes next.
  public init(from scanner: inout JSONScanner) throws(JSONError) {
    self = try Self.value(&scanner, depth: 0)
  }

  private static func value(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) -> JSONValue
  {
    guard depth < depthLimit else { throw .tooDeep(limit: depthLimit) }
    switch scanner.peek() {
    case UInt8(ascii: "{"): return .object(try members(&scanner, depth: depth))
    case UInt8(ascii: "["): return .array(try elements(&scanner, depth: depth))
    case UInt8(ascii: "\""): return .string(try scanner.string())
    case UInt8(ascii: "t") where scanner.skipLiteral("true"): return .bool(true)
    case UInt8(ascii: "f") where scanner.skipLiteral("false"): return .bool(false)
    case UInt8(ascii: "n") where scanner.skipLiteral("null"): return .null
    case nil: throw .malformed(offset: scanner.offset, expected: "a value")
    default: return try number(&scanner)
    }
  }

  private static func number(_ scanner: inout JSONScanner) throws(JSONError) -> JSONValue {
    let start = scanner.offset
    let text = try scanner.number()
    if let integer = Int(text) { return .integer(integer) }
    switch text {
    case "NaN": return .number(.nan)
    case "Infinity": return .number(.infinity)
    case "-Infinity": return .number(-.infinity)
    default:
      guard let number = Double(text) else {
        throw .malformed(offset: start, expected: "a number")
      }
      return .number(number)
    }
  }

  private static func members(
    _ scanner: inout JSONScanner, depth: Int
  ) throws(JSONError) -> [Member] {
    try scanner.expect("{")
    var members: [Member] = []
    var keys: Set<String> = []
    if scanner.skip("}") { return members }
    repeat {
      let key = try scanner.string()
      guard keys.insert(key).inserted else { throw .duplicateKey(key) }
      try scanner.expect(":")
      members.append(Member(key, try value(&scanner, depth: depth + 1)))
    } while scanner.skip(",")
    try scanner.expect("}")
    return members
  }

  private static func elements(
    _ scanner: inout JSONScanner, depth: Int
  ) throws(JSONError) -> [JSONValue] {
    try scanner.expect("[")
    var elements: [JSONValue] = []
    if scanner.skip("]") { return elements }
    repeat {
      elements.append(try value(&scanner, depth: depth + 1))
    } while scanner.skip(",")
    try scanner.expect("]")
    return elements
  }
}
