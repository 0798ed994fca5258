/// A SHA-256 digest, written `sha256:` and 64 hexadecimal digits: how hubs list files, and what
/// signatures cover. Content that this program names itself has a BLAKE3 `Digest` instead.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The digest's length in bytes.
  public static let byteCount = 32
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Takes 32 bytes; nil for any other number of them.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads `sha256:` and 64 lower-case hexadecimal digits; nil for any other text.
  public init?(_ text: String) {
    guard text.utf8.starts(with: "sha256:".utf8) else { return nil }
    self.init(hexadecimal: String(text.dropFirst("sha256:".count)))
  }

  /// Reads 64 lower-case hexadecimal digits, as hubs write them; nil for any other text.
  public init?(hexadecimal text: String) {
    guard let bytes = Hexadecimal.bytes(text, count: Self.byteCount) else { return nil }
    self.bytes = bytes
  }

  /// The 64 hexadecimal digits.
  public var hexadecimal: String { Hexadecimal.text(bytes) }

  /// `sha256:` and the 64 hexadecimal digits.
  public var description: String { "sha256:" + hexadecimal }
}
