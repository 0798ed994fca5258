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
    let utf8 = Array(text.utf8)
    guard utf8.count == 3 + 2 * Self.byteCount, utf8.starts(with: "b3:".utf8) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 3, to: utf8.count, by: 2) {
      guard let high = Self.value(of: utf8[index]), let low = Self.value(of: utf8[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  /// The 64 hexadecimal digits.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
      as: UTF8.self
    )
  }

  /// `b3:` and the 64 hexadecimal digits.
  public var description: String { "b3:" + hexadecimal }

  /// `b3:` and the first 12 digits, for tables.
  public var short: String { "b3:" + hexadecimal.prefix(12) }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: return digit - 0x30
    case 0x61...0x66: return digit - 0x61 + 10
    default: return nil
    }
  }
}
