/// The vectors of one side of two products, in coordinates of one orthonormal basis.
struct PairedVectors {
  /// Of the ranks that both have: new − old, then new + old; of those that one has: the vectors.
  let coordinates: RealMatrix
  /// How much more than 2⁻⁵³ of the vectors' lengths the coordinates are right to.
  let amplification: Double
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
    var gram = RealMatrix(rows: count, columns: count)
    Self.forEachBlock(old, new, factors) {
      LinearAlgebra.addGram(of: $0, isTransposed: false, to: &gram)
    }
    if let found = GramTriangle(of: gram, allowingZeros: true) {
      coordinates = found.triangle.transposed
      amplification = found.condition
    } else {
      var triangle = StreamedTriangle(count: count)
      Self.forEachBlock(old, new, factors) { triangle.fold(&$0.elements, width: $0.columns) }
      coordinates = triangle.coordinates
      amplification = 1
    }
  }

  /// Calls `body` with all vectors, some columns of them at a time.
  private static func forEachBlock(
    _ old: Matrix?, _ new: Matrix?, _ factors: (old: Double, new: Double),
    _ body: (inout RealMatrix) -> Void
  ) {
    let (before, after) = (old?.rows ?? 0, new?.rows ?? 0)
    let (common, length) = (min(before, after), old?.columns ?? new?.columns ?? 0)
    let extra = max(before, after) - common
    let rest = after >= before ? (new, factors.new) : (old, factors.old)
    for start in stride(from: 0, to: length, by: StreamedTriangle.blockWidth) {
      let width = min(StreamedTriangle.blockWidth, length - start)
      var block = RealMatrix(rows: 2 * common + extra, columns: width)
      if let old, let new {
        for row in 0..<common {
          fill(
            &block.elements, old.elements, new.elements, from: row * length + start,
            apart: row * width, together: (common + row) * width, count: width, factors)
        }
      }
      if let matrix = rest.0 {
        for row in 0..<extra {
          let source = (common + row) * length + start
          let target = (2 * common + row) * width
          for index in 0..<width {
            block.elements[target + index] = rest.1 * Double(matrix.elements[source + index])
          }
        }
      }
      body(&block)
    }
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
