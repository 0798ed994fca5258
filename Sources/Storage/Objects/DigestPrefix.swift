internal import Digests

/// The first digits of a digest.
struct DigestPrefix: Hashable, Sendable {
  /// With fewer digits a look at one block of the index would not be enough of a bound.
  static let leastDigitCount = 4

  /// The bytes whose digits are all given.
  private let bytes: [UInt8]
  /// The upper half of the byte after them, where the number of digits is odd.
  private let half: UInt8?

  /// Reads 4 to 64 hexadecimal digits, with or without `b3:` before them; nil for any other text.
  init?(_ text: String) {
    var digits = Array(text.utf8)
    if digits.starts(with: "b3:".utf8) { digits.removeFirst(3) }
    guard (Self.leastDigitCount...2 * Digest.byteCount).contains(digits.count) else { return nil }
    var values: [UInt8] = []
    for digit in digits {
      switch digit {
      case 0x30...0x39: values.append(digit - 0x30)
      case 0x41...0x46: values.append(digit - 0x41 + 10)
      case 0x61...0x66: values.append(digit - 0x61 + 10)
      default: return nil
      }
    }
    half = values.count.isMultiple(of: 2) ? nil : values.removeLast()
    bytes = stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }

  /// The first byte, which says which block of an index to look at.
  var firstByte: Int { Int(bytes[0]) }

  /// The lowest key that starts so.
  var lowest: [UInt8] {
    let given = bytes + (half.map { [$0 << 4] } ?? [])
    return given + [UInt8](repeating: 0, count: 1 + Digest.byteCount - given.count)
  }

  /// Whether a digest starts so.
  func matches(_ digest: Digest) -> Bool {
    digest.bytes.starts(with: bytes) && (half == nil || digest.bytes[bytes.count] >> 4 == half)
  }
}
