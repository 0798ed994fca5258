/// A BLAKE3-256 digest, written `b3:` and 64 hexadecimal digits.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// The digest's length in bytes.
  public static let byteCount = 32
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Takes 32 bytes; nil for any other number of them.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Takes what a hash function of this room returned.
  init(checked bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount)
    self.bytes = bytes
  }

  /// Reads `b3:` and 64 lower-case hexadecimal digits; nil for any other text.
  public init?(_ text: String) {
    guard text.utf8.starts(with: "b3:".utf8),
      let bytes = Hexadecimal.bytes(text.dropFirst(3), count: Self.byteCount)
    else { return nil }
    self.bytes = bytes
  }

  /// The 64 hexadecimal digits.
  public var hexadecimal: String { Hexadecimal.text(bytes) }

  /// `b3:` and the 64 hexadecimal digits.
  public var description: String { "b3:" + hexadecimal }

  /// `b3:` and the first 12 digits, for tables.
  public var short: String { "b3:" + hexadecimal.prefix(12) }
}
