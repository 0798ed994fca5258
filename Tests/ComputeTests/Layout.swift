import Tensors

/// Where a type's sign, exponent and fraction are: the slow twin of every conversion, in integers.
struct Layout {
  /// The bits of the fraction.
  let fractionBits: UInt64
  /// The exponent of a 1 in the last place of a subnormal: value = fraction · 2^lowest.
  let lowest: Int
  /// The pattern of the sign, of positive infinity, and of the bit that makes a NaN quiet.
  let sign, infinity, quiet: UInt64

  init(_ type: DType) {
    let (exponentBits, fractionBits): (UInt64, UInt64) =
      switch type {
      case .bf16: (8, 7)
      case .f16: (5, 10)
      case .f32: (8, 23)
      default: (11, 52)
      }
    self.fractionBits = fractionBits
    lowest = 2 - (1 << (Int(exponentBits) - 1)) - Int(fractionBits)
    sign = 1 << (exponentBits + fractionBits)
    infinity = (1 << exponentBits - 1) << fractionBits
    quiet = 1 << (fractionBits - 1)
  }

  /// The number of a pattern; its NaN is any.
  func number(_ pattern: UInt64) -> Double {
    let magnitude = pattern & (sign - 1)
    let fraction = magnitude & (quiet * 2 - 1)
    let exponent = Int(magnitude >> fractionBits)
    let value: Double
    if magnitude > infinity {
      value = .nan
    } else if magnitude == infinity {
      value = .infinity
    } else if exponent == 0 {
      value = Double(sign: .plus, exponent: lowest, significand: Double(fraction))
    } else {
      value = Double(
        sign: .plus,
        exponent: lowest + exponent - 1,
        significand: Double(fraction | quiet * 2)
      )
    }
    return pattern & sign == 0 ? value : -value
  }

  /// The nearest number's pattern, ties to even. A NaN is quieted and its payload's top kept.
  func nearest(_ value: Double) -> UInt64 {
    let signed = value.sign == .minus ? sign : 0
    if value.isNaN {
      let payload = value.significandBitPattern >> (52 - fractionBits)
      return signed | infinity | quiet | payload
    }
    if value.isInfinite { return signed | infinity }
    if value == 0 { return signed }
    // value = significand · 2^exponent, a whole number of 53 bits or fewer.
    let significand = value.significandBitPattern | (value.isNormal ? 1 << 52 : 0)
    let exponent = value.isNormal ? Int(value.exponent) - 52 : -1074
    // The quantum keeps fractionBits + 1 bits, but is no finer than a subnormal's.
    let length = 64 - significand.leadingZeroBitCount
    let quantum = max(exponent + length - Int(fractionBits) - 1, lowest)
    let dropped = quantum - exponent
    let kept: UInt64
    if dropped <= 0 {
      kept = significand << UInt64(-dropped)
    } else if dropped > 60 {
      kept = 0
    } else {
      let whole = significand >> UInt64(dropped)
      let rest = significand & (1 << UInt64(dropped) - 1)
      let half: UInt64 = 1 << UInt64(dropped - 1)
      kept = whole + (rest > half || (rest == half && whole % 2 == 1) ? 1 : 0)
    }
    // A carry out of the fraction runs into the exponent, as it should.
    let magnitude = kept + UInt64(quantum - lowest) << fractionBits
    return signed | min(magnitude, infinity)
  }
}
