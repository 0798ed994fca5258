/// What turns the bits of a predicted element into those of the original one: their distance,
/// counted in representable numbers.
///
/// The bits of a float of w bits become an integer that ascends with the number:
///
///     ordered(b) = NOT b             where the sign is set
///                  b OR 2^(w-1)      otherwise
///
/// and the correction is zigzag(ordered(original) - ordered(predicted) mod 2^w), where the difference
/// d is read as signed and zigzag(d) = 2d for d ≥ 0, otherwise -2d - 1. All of it works on bits:
/// every pair has a correction, infinities, NaNs and -0 included; 0 says that the bits agree, and 1
/// and 2 that they are neighbours.
public enum Correction {
  /// The correction from `predicted` to `original`, both the bits of an element.
  public static func from(
    _ predicted: UInt64,
    to original: UInt64,
    width: ElementWidth
  ) -> UInt64 {
    let difference = (ordered(original, width) &- ordered(predicted, width)) & width.mask
    let isNegative = difference & width.signBit != 0
    return (difference << 1 ^ (isNegative ? width.mask : 0)) & width.mask
  }

  /// The bits of the original element.
  public static func apply(
    _ correction: UInt64,
    to predicted: UInt64,
    width: ElementWidth
  ) -> UInt64 {
    let difference = correction >> 1 ^ (correction & 1 != 0 ? width.mask : 0)
    let original = (ordered(predicted, width) &+ difference) & width.mask
    return original & width.signBit != 0 ? original ^ width.signBit : ~original & width.mask
  }

  private static func ordered(_ bits: UInt64, _ width: ElementWidth) -> UInt64 {
    bits & width.signBit != 0 ? ~bits & width.mask : bits | width.signBit
  }
}
