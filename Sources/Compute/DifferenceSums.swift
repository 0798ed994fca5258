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

  /// The sums over elements that stand beside one another, as many in each, times a factor each.
  public init(
    from old: [Double], to new: [Double], factors: (old: Double, new: Double) = (1, 1)
  ) {
    self = Self.sums(old, new, factors)
  }

  /// The same over elements in single precision.
  public init(
    from old: [Float], to new: [Float], factors: (old: Double, new: Double) = (1, 1)
  ) {
    self = Self.sums(old, new, factors)
  }

  @inline(__always)
  private static func sums<Element: BinaryFloatingPoint & SIMDScalar>(
    _ old: [Element], _ new: [Element], _ factors: (old: Double, new: Double)
  ) -> DifferenceSums {
    precondition(old.count == new.count, "each element has its counterpart")
    var lanes = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
    var start = 0
    while start + 8 <= old.count {
      let before = factors.old * SIMD8<Double>(eight(old, start))
      let after = factors.new * SIMD8<Double>(eight(new, start))
      let difference = after - before
      lanes.0 += before * before
      lanes.1 += after * after
      lanes.2 += difference * difference
      start += 8
    }
    var sums = DifferenceSums()
    sums.oldSquares = lanes.0.sum()
    sums.newSquares = lanes.1.sum()
    sums.differenceSquares = lanes.2.sum()
    for index in start..<old.count {
      let before = factors.old * Double(old[index])
      let after = factors.new * Double(new[index])
      sums.oldSquares += before * before
      sums.newSquares += after * after
      sums.differenceSquares += (after - before) * (after - before)
    }
    return sums
  }

  @inline(__always)
  private static func eight<Element: SIMDScalar>(
    _ values: [Element], _ start: Int
  ) -> SIMD8<Element> {
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
