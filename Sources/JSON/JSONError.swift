/// Why a text is not JSON, or not the JSON that was expected.
public enum JSONError: Error, Hashable, Sendable {
  /// The text breaks the grammar (RFC 8259) at this byte.
  case malformed(offset: Int, expected: String)
  /// An object has the same key twice.
  case duplicateKey(String)
  /// Arrays and objects are nested deeper than allowed.
  case tooDeep(limit: Int)
}
