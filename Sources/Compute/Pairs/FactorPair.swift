/// Two products of factors and their difference, each as a small square matrix between the same two
/// orthonormal bases: what their norms, angles and inner product are read off.
///
/// With P = s·L·R and P' = s'·L'·R', the columns of L and L' are coordinates in one orthonormal basis,
/// the rows of R and R' in another (`StreamedTriangle`); a product of coordinates, `[k, k]` with
/// k = rank + rank', has the singular values, the Frobenius norm and, in those bases, the singular
/// vectors of the product that is never formed. No Gram matrix squares the factors' condition.
///
/// **Cancellation.** What is factorised are not the factors themselves but X = s'L' − sL, U = s'L' + sL,
/// V = R' − R and Y = R' + R, over the ranks that both have: 2(P' − P) = X·Y + U·V. Each of these is
/// right to 2⁻⁵³ of itself, so that the difference of neighbouring checkpoints is as exact as that of
/// strangers, and equal factors give exactly zero.
public struct FactorPair: Sendable {
  /// P, `[k, k]` in the common bases; zero where there is none.
  public let old: RealMatrix
  /// P', `[k, k]` in the common bases; zero where there is none.
  public let new: RealMatrix
  /// P' − P, `[k, k]` in the common bases.
  public let difference: RealMatrix
  /// What singular values of the difference are right to: 8·√k·2⁻⁵³·(‖X‖‖Y‖ + ‖U‖‖V‖), and where
  /// the scalings differ the rounding of the sums besides.
  public let noiseFloor: Double
  /// The rows of the products.
  public let rows: Int
  /// The columns of the products.
  public let columns: Int

  /// Factorises two products of the same rows and columns; one that is missing counts as zero. Throws
  /// where an entry or a scaling is not finite. Work: O((rows + columns)·k²), memory: O(k²) beside the
  /// factors.
  public init(
    from old: ScaledFactors?, to new: ScaledFactors?
  ) throws(ComputeError) {
    let some = old ?? new
    let (rows, columns) = (some?.left.rows ?? 0, some?.right.columns ?? 0)
    precondition(
      [old, new].allSatisfy {
        $0.map { $0.left.rows == rows && $0.right.columns == columns } ?? true
      }, "products of the same extents")
    (self.rows, self.columns) = (rows, columns)
    let (before, after) = (old?.scaling ?? new?.scaling ?? 1, new?.scaling ?? old?.scaling ?? 1)
    guard before.isFinite, after.isFinite else { throw .notFinite }
    // An equal scaling is kept out of the differences, which are then exact.
    let isCommon = before == after
    let left = PairedVectors(
      old: old?.left.transposed, new: new?.left.transposed,
      factors: isCommon ? (1, 1) : (before, after))
    let right = PairedVectors(old: old?.right, new: new?.right, factors: (1, 1))
    guard left.coordinates.isFinite, right.coordinates.isFinite else { throw .notFinite }

    let factor = isCommon ? before : 1
    self.old = left.old.transposedTimes(right.old).scaled(by: factor)
    self.new = left.new.transposedTimes(right.new).scaled(by: factor)
    let crossed = left.apart.transposedTimes(right.together)
      .plus(left.together.transposedTimes(right.apart)).scaled(by: 0.5)
    let sign = (new?.left.columns ?? 0) >= (old?.left.columns ?? 0) ? 1.0 : -1.0
    let rest = left.rest.transposedTimes(right.rest).scaled(by: sign)
    difference = crossed.plus(rest).scaled(by: factor)
    guard self.old.isFinite, self.new.isFinite, difference.isFinite else { throw .notFinite }

    let (x, u, v, y) = (
      left.apart.frobeniusNorm, left.together.frobeniusNorm, right.apart.frobeniusNorm,
      right.together.frobeniusNorm
    )
    let products = x * y + u * v + left.rest.frobeniusNorm * right.rest.frobeniusNorm
    let depth = Double(max(left.coordinates.rows, 1)).squareRoot()
    noiseFloor =
      abs(factor) * 0x1p-53 * (8 * depth * products + (isCommon ? 0 : 4 * (x + u) * (v + y)))
  }
}

/// The vectors of one side of two products, in coordinates of one orthonormal basis.
private struct PairedVectors {
  /// Of the ranks that both have: new − old, then new + old; of those that one has: the vectors.
  let coordinates: RealMatrix
  private let common: Int
  private let extra: Int
  private let isNewLonger: Bool

  /// Takes matrices of one vector a row, each times its factor.
  init(old: Matrix?, new: Matrix?, factors: (old: Double, new: Double)) {
    let (before, after) = (old?.rows ?? 0, new?.rows ?? 0)
    common = min(before, after)
    extra = max(before, after) - common
    isNewLonger = after >= before
    let count = 2 * common + extra
    var triangle = StreamedTriangle(count: count)
    let length = old?.columns ?? new?.columns ?? 0
    var block = [Double](repeating: 0, count: count * min(StreamedTriangle.blockWidth, length))
    let rest = isNewLonger ? (new, factors.new) : (old, factors.old)
    for start in stride(from: 0, to: length, by: StreamedTriangle.blockWidth) {
      let range = start..<min(start + StreamedTriangle.blockWidth, length)
      if let old, let new {
        for row in 0..<common {
          Self.fill(
            &block, old.elements, new.elements, from: row * length + range.lowerBound,
            apart: row * range.count, together: (common + row) * range.count, count: range.count,
            factors)
        }
      }
      if let matrix = rest.0 {
        for row in 0..<extra {
          let source = (common + row) * length + range.lowerBound
          let target = (2 * common + row) * range.count
          for index in 0..<range.count {
            block[target + index] = rest.1 * Double(matrix.elements[source + index])
          }
        }
      }
      triangle.fold(&block, width: range.count)
    }
    coordinates = triangle.coordinates
  }

  private static func fill(
    _ block: inout [Double], _ old: [Float], _ new: [Float], from source: Int, apart: Int,
    together: Int, count: Int, _ factors: (old: Double, new: Double)
  ) {
    var index = 0
    while index + 8 <= count {
      let place = source + index
      let before = factors.old * SIMD8<Double>(eight(old, place))
      let after = factors.new * SIMD8<Double>(eight(new, place))
      let (minus, plus) = (after - before, after + before)
      for lane in 0..<8 { block[apart + index + lane] = minus[lane] }
      for lane in 0..<8 { block[together + index + lane] = plus[lane] }
      index += 8
    }
    while index < count {
      let before = factors.old * Double(old[source + index])
      let after = factors.new * Double(new[source + index])
      block[apart + index] = after - before
      block[together + index] = after + before
      index += 1
    }
  }

  @inline(__always)
  private static func eight(_ values: [Float], _ start: Int) -> SIMD8<Float> {
    SIMD8(
      values[start], values[start + 1], values[start + 2], values[start + 3], values[start + 4],
      values[start + 5], values[start + 6], values[start + 7])
  }

  private func rows(_ range: Range<Int>) -> RealMatrix {
    let count = coordinates.columns
    return RealMatrix(
      rows: range.count, columns: count,
      elements: Array(coordinates.elements[range.lowerBound * count..<range.upperBound * count]))
  }

  /// new − old over the common ranks, one vector a row.
  var apart: RealMatrix { rows(0..<common) }
  /// new + old over the common ranks.
  var together: RealMatrix { rows(common..<2 * common) }
  /// The vectors of the longer side's other ranks.
  var rest: RealMatrix { rows(2 * common..<2 * common + extra) }
  /// The old side's vectors.
  var old: RealMatrix { side(together.minus(apart), hasRest: !isNewLonger) }
  /// The new side's vectors.
  var new: RealMatrix { side(together.plus(apart), hasRest: isNewLonger) }

  private func side(_ doubled: RealMatrix, hasRest: Bool) -> RealMatrix {
    let half = doubled.scaled(by: 0.5)
    guard hasRest, extra > 0 else { return half }
    return RealMatrix(
      rows: common + extra, columns: coordinates.columns, elements: half.elements + rest.elements)
  }
}
