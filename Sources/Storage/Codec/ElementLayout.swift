/// How the bytes of a chunk are numbers: a hint for its encoding, which never changes its id.
public enum ElementLayout: UInt8, Hashable, Sendable, CaseIterable {
  /// No numbers, or numbers of one byte.
  case bytes = 0
  /// Integers of 16 bits.
  case words16 = 1
  /// Integers of 32 bits.
  case words32 = 2
  /// Integers of 64 bits.
  case words64 = 3
  /// bfloat16.
  case bfloat16 = 4
  /// IEEE 754 binary16.
  case binary16 = 5
  /// IEEE 754 binary32.
  case binary32 = 6
  /// IEEE 754 binary64.
  case binary64 = 7

  /// The bytes of one number.
  public var width: Int {
    switch self {
    case .bytes: 1
    case .words16, .bfloat16, .binary16: 2
    case .words32, .binary32: 4
    case .words64, .binary64: 8
    }
  }

  /// This layout, or `bytes` where so many bytes are no whole number of numbers.
  func fitting(_ byteCount: Int) -> ElementLayout {
    byteCount.isMultiple(of: width) ? self : .bytes
  }

  /// Whether the planes are made of exponent, sign, mantissa: where the exponent fills a byte.
  var isExponentFirst: Bool { self == .bfloat16 || self == .binary32 }

  /// Where the exponent is in the bits of a number; nil for what is no float.
  var exponent: (shift: UInt32, mask: UInt32)? {
    switch self {
    case .bfloat16: (7, 0xFF)
    case .binary16: (10, 0x1F)
    case .binary32: (23, 0xFF)
    case .binary64: (52, 0x7FF)
    case .bytes, .words16, .words32, .words64: nil
    }
  }
}
