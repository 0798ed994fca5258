/// The entries of a delta from the largest magnitude to the smallest, equal ones by their place.
///
/// Only where the order is cut is computed, by counting magnitudes in two passes over their bits, so
/// that nothing is sorted and the cut is exact.
struct MagnitudeOrder {
  /// The entries before a place in the order.
  struct Cut {
    /// Magnitudes above this are before the cut; as bits, which ascend with the magnitude.
    fileprivate let bits: UInt32
    /// Of those that are equal, the first so many are.
    fileprivate let equalCount: Int

    /// Calls `body` with each entry's place, in ascending order, and whether it is before the cut.
    func forEach(_ values: [Float], _ body: (_ place: Int, _ isBefore: Bool) -> Void) {
      var left = equalCount
      for place in values.indices {
        let own = values[place].magnitude.bitPattern
        if own == bits, left > 0 {
          left -= 1
          body(place, true)
        } else {
          body(place, own > bits)
        }
      }
    }
  }

  /// The cut behind the first `count` entries.
  static func cut(_ values: [Float], after count: Int) -> Cut {
    guard count > 0 else { return Cut(bits: .max, equalCount: 0) }
    guard count < values.count else { return Cut(bits: 0, equalCount: values.count) }
    let (high, inHigh) = place(of: count, values) { Int($0 >> 16) }
    let (low, equalCount) = place(of: inHigh, values) {
      Int($0 >> 16) == high ? Int($0 & 0xFFFF) : nil
    }
    return Cut(bits: UInt32(high) << 16 | UInt32(low), equalCount: equalCount)
  }

  /// The digit, from the highest down, at which `count` entries are reached, and how many of them
  /// have that digit.
  private static func place(
    of count: Int, _ values: [Float], digit: (UInt32) -> Int?
  ) -> (digit: Int, count: Int) {
    var histogram = [Int](repeating: 0, count: 1 << 16)
    for value in values {
      if let digit = digit(value.magnitude.bitPattern) { histogram[digit] += 1 }
    }
    var (left, place) = (count, histogram.count - 1)
    while histogram[place] < left {
      left -= histogram[place]
      place -= 1
    }
    return (place, left)
  }
}
