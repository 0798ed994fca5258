/// Bytes as lower-case hexadecimal digits, two for each, and back.
enum Hexadecimal {
  /// The digits of `bytes`.
  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
      as: UTF8.self
    )
  }

  /// The bytes of lower-case digits, of which there must be two for each of `byteCount`; nil for
  /// anything else.
  static func bytes(_ text: some StringProtocol, count byteCount: Int) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count == 2 * byteCount else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: return digit - 0x30
    case 0x61...0x66: return digit - 0x61 + 10
    default: return nil
    }
  }
}
