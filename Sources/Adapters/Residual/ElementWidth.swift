/// The number of bytes of a floating-point element.
public enum ElementWidth: UInt8, Hashable, Sendable, CaseIterable {
  /// bf16 and f16.
  case two = 2
  /// f32.
  case four = 4
  /// f64.
  case eight = 8

  /// The number of bits, w.
  public var bitCount: UInt64 { UInt64(rawValue) * 8 }

  /// The sign's bit, 2^(w-1).
  var signBit: UInt64 { 1 << (bitCount - 1) }

  /// All w bits.
  var mask: UInt64 { UInt64.max >> (64 - bitCount) }
}
