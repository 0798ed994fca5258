/// The cosines and sines of rotary positions, by sums of our own: a C library's functions differ
/// from one to the next in the last bit, and merged bytes must not.
///
/// Every operation is one rounding in Double, in the order written. Against exact values the error
/// is below 10⁻¹⁴ for angles up to some thousands.
enum Angles {
  /// cos θ and sin θ for θ = position · 10000^(−2t / size).
  static func turn(position: Int, t: Int, size: Int) -> (cosine: Double, sine: Double) {
    cosineAndSine(Double(position) * exponential(-2 * Double(t) / Double(size) * ln10000))
  }

  /// ln 10000.
  private static let ln10000 = 9.210340371976184

  /// eˣ for x of moderate size: 2ⁿ · eʳ with |r| ≤ ln 2 / 2, the latter by Taylor's series.
  static func exponential(_ x: Double) -> Double {
    let n = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    // ln 2 in two parts, the first of few bits, so that n times it is exact.
    let r = (x - n * 0.6931471803691238) - n * 1.9082149292705877e-10
    var term = 1.0
    var sum = 1.0
    for k in 1...18 {
      term = term * r / Double(k)
      sum += term
    }
    return Double(sign: .plus, exponent: Int(n), significand: sum)
  }

  /// cos and sin by the rest after a multiple of π/2 and Taylor's series.
  static func cosineAndSine(_ angle: Double) -> (cosine: Double, sine: Double) {
    let n = (angle * 0.6366197723675814).rounded(.toNearestOrEven)
    // π/2 in three parts, as before.
    let r =
      ((angle - n * 1.5707963267341256) - n * 6.077100506303966e-11) - n * 2.0222662487959506e-21
    let square = r * r
    var (cosine, sine) = (1.0, r)
    var (evenTerm, oddTerm) = (1.0, r)
    for k in 1...11 {
      evenTerm = -evenTerm * square / Double((2 * k - 1) * 2 * k)
      oddTerm = -oddTerm * square / Double(2 * k * (2 * k + 1))
      cosine += evenTerm
      sine += oddTerm
    }
    switch Int(n) & 3 {
    case 0: return (cosine, sine)
    case 1: return (-sine, cosine)
    case 2: return (-cosine, -sine)
    default: return (sine, -cosine)
    }
  }
}
