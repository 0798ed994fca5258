/// Two runs of elements and their difference, in sums of squares.
///
/// Summed in Double in eight lanes of a fixed order, so that the same elements give the same sums
/// on every machine: each sum of n squares is right to (n/8 + 5) · 2⁻⁵³ of itself.
public struct DifferenceSums: Sendable, Hashable {
  /// Σ old²
  public var oldSquares = 0.0
  /// Σ new²
  public var newSquares = 0.0
  /// Σ (new − old)²
  public var differenceSquares = 0.0

  /// No elements yet.
  public init() {}

  /// The sums over elements that stand beside one another, as many in each.
  public init(from old: [Double], to new: [Double]) {
    precondition(old.count == new.count, "each element has its counterpart")
    var sums = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
    var start = 0
    while start + 8 <= old.count {
      let before = Self.lanes(old, start)
      let after = Self.lanes(new, start)
      let difference = after - before
      sums.0 += before * before
      sums.1 += after * after
      sums.2 += difference * difference
      start += 8
    }
    oldSquares = sums.0.sum()
    newSquares = sums.1.sum()
    differenceSquares = sums.2.sum()
    for index in start..<old.count {
      let difference = new[index] - old[index]
      oldSquares += old[index] * old[index]
      newSquares += new[index] * new[index]
      differenceSquares += difference * difference
    }
  }

  private static func lanes(_ values: [Double], _ start: Int) -> SIMD8<Double> {
    SIMD8(
      values[start], values[start + 1], values[start + 2], values[start + 3], values[start + 4],
      values[start + 5], values[start + 6], values[start + 7])
  }

  /// Adds the sums of other elements.
  public mutating func add(_ other: DifferenceSums) {
    oldSquares += other.oldSquares
    newSquares += other.newSquares
    differenceSquares += other.differenceSquares
  }
}
