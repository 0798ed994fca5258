import Compute
import Tensors

/// The slow twin of a merge: one element at a time, in the words of NUMERICS.md.
struct SlowMerge {
  let base: DType
  let merged: DType

  /// What became of one element.
  struct Element {
    var merged: UInt64
    var predicted: UInt64
    /// Base, intended and stored value.
    var values: (base: Double, intended: Double, stored: Double)
  }

  func element(_ pattern: UInt64, delta: Float, gain: Float?) -> Element {
    let (from, to) = (Layout(base), Layout(merged))
    let w = from.number(pattern)
    let (value, intended) = base == .f64 ? sum(w, delta, gain) : sum(Float(w), delta, gain)
    let bits = value.isNaN ? to.infinity | to.quiet : to.nearest(value)
    let stored = to.number(bits)
    return Element(
      merged: bits,
      predicted: predicted(stored, delta: delta, gain: gain),
      values: (w, intended, stored)
    )
  }

  func predicted(_ stored: Double, delta: Float, gain: Float?) -> UInt64 {
    var back: Double
    if base == .f64 {
      back = stored - Double(delta)
      if let gain { back /= Double(gain) }
    } else {
      var single = Float(stored) - delta
      if let gain { single /= gain }
      back = Double(single)
    }
    if back.isNaN { back = 0 }
    return Layout(base).nearest(back)
  }

  private func sum<Number: BinaryFloatingPoint>(
    _ w: Number,
    _ delta: Float,
    _ gain: Float?
  ) -> (value: Double, intended: Double) {
    let delta = Number(delta)
    guard let gain = gain.map({ Number($0) }) else { return (Double(w + delta), Double(delta)) }
    return (Double(delta.addingProduct(gain, w)), Double(delta.addingProduct(gain - 1, w)))
  }

  /// The correction that leads from a prediction to the base.
  static func correction(from predicted: UInt64, to base: UInt64, of type: DType) -> UInt64 {
    let sign = Layout(type).sign
    func place(_ bits: UInt64) -> UInt64 {
      bits & sign == 0 ? bits | sign : ~bits & (sign | (sign - 1))
    }
    let bits = UInt64(type.elementByteCount * 8)
    let difference =
      Int64(bitPattern: (place(base) &- place(predicted)) << (64 - bits)) >> (64 - bits)
    return UInt64(bitPattern: difference << 1 ^ difference >> 63) & (sign | (sign - 1))
  }
}
