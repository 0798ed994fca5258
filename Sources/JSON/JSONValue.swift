/// A JSON document, keys in the order of the text.
///
/// The order matters: PEFT applies the first entry of a `rank_pattern` that matches.
public indirect enum JSONValue: Hashable, Sendable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number written without fraction or exponent that fits in `Int`.
  case integer(Int)
  /// Any other number, as the nearest `Double`.
  case number(Double)
  /// A string, escapes decoded.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object; no key appears twice.
  case object([Member])

  /// One key of an object and its value.
  public struct Member: Hashable, Sendable {
    /// The key, escapes decoded.
    public let key: String
    /// What it holds.
    public var value: JSONValue

    /// A key with its value.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value under `key`; nil where this is no object or has no such key.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The object's members in order; nil for anything else.
  public var members: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// The array's elements; nil for anything else.
  public var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The string; nil for anything else.
  public var string: String? {
    guard case .string(let string) = self else { return nil }
    return string
  }

  /// The truth value; nil for anything else.
  public var bool: Bool? {
    guard case .bool(let bool) = self else { return nil }
    return bool
  }

  /// The integer, also where it is written as `4.0`; nil for anything else.
  public var integer: Int? {
    switch self {
    case .integer(let integer): return integer
    case .number(let number): return Int(exactly: number)
    default: return nil
    }
  }

  /// The number, integers included; nil for anything else.
  public var number: Double? {
    switch self {
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    default: return nil
    }
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// Sets `key` of an object, in place where it exists, at the end where it does not.
  public mutating func set(_ key: String, to value: JSONValue) {
    guard case .object(var members) = self else { return }
    if let index = members.firstIndex(where: { $0.key == key }) {
      members[index].value = value
    } else {
      members.append(Member(key, value))
    }
    self = .object(members)
  }

  /// Takes `key` out of an object.
  public mutating func remove(_ key: String) {
    guard case .object(var members) = self else { return }
    members.removeAll { $0.key == key }
    self = .object(members)
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object, keys in the order written.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
