public import Tensors

/// Units in the last place, in sums.
public enum UlpSums {
  /// Σ ulp(x)² of values as a type of `dtype` stores them: the distance to the next representable
  /// number away from zero, of a zero the smallest number there is.
  public static func squares(of values: [Float], type: DType) -> Double {
    let (digits, least) = format(of: type)
    let span = values.span
    var sum = 0.0
    for index in 0..<span.count {
      // The exponent as the bits have it; 0 stands for zeros and subnormal numbers.
      let exponent = Int(span[index].bitPattern >> 23 & 0xFF) - 127
      let power = max(exponent - digits, least)
      // 2^(2·power), where that is no number of Double it adds nothing.
      if power > -511 { sum += Double(bitPattern: UInt64(2 * power + 1023) << 52) }
    }
    return sum
  }

  /// The bits behind the point, and the exponent of the smallest number.
  private static func format(of type: DType) -> (digits: Int, least: Int) {
    switch type {
    case .bf16: return (7, -133)
    case .f16: return (10, -24)
    case .f64: return (52, -1074)
    default: return (23, -149)
    }
  }
}
