public import JSON

/// The one spelling of a JSON document; see FORMAT.md, section 2.
public enum CanonicalJSON {
  /// How deep a document may be nested.
  public static let depthLimit = 16

  /// The bytes of a document, keys sorted; throws where it holds what has no canonical spelling.
  public static func bytes(of document: JSONValue) throws(StorageError) -> [UInt8] {
    Array(try sorted(document, depth: 0).text().utf8)
  }

  /// Reads a document that is spelled so, and no other.
  public static func parse(_ bytes: [UInt8]) throws(StorageError) -> JSONValue {
    guard let document = try? JSONValue(parsing: bytes),
      let canonical = try? Self.bytes(of: document), canonical == bytes
    else { throw .notCanonical }
    return document
  }

  private static func sorted(_ value: JSONValue, depth: Int) throws(StorageError) -> JSONValue {
    guard depth <= depthLimit else { throw .notCanonical }
    switch value {
    case .null, .bool, .string: return value
    case .integer(let integer):
      guard integer.magnitude < 1 << 53 else { throw .notCanonical }
      return value
    case .number: throw .notCanonical
    case .array(let elements):
      var copies: [JSONValue] = []
      for element in elements { copies.append(try sorted(element, depth: depth + 1)) }
      return .array(copies)
    case .object(let members):
      var copies: [JSONValue.Member] = []
      for member in members {
        copies.append(.init(member.key, try sorted(member.value, depth: depth + 1)))
      }
      if !zip(copies, copies.dropFirst()).allSatisfy({ Self.precedes($0, $1) }) {
        copies.sort(by: Self.precedes)
      }
      for (left, right) in zip(copies, copies.dropFirst()) where left.key == right.key {
        throw .notCanonical
      }
      return .object(copies)
    }
  }

  private static func precedes(_ left: JSONValue.Member, _ right: JSONValue.Member) -> Bool {
    left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
  }
}
