/// The Gram matrices of two matrices' rows, of the rows' differences and sums, in Double.
///
/// Rows are taken in blocks of 256 columns, in eight lanes: a fixed order, in memory that does not
/// grow with the rows.
struct GramPair {
  /// old·oldᵀ, `[rank, rank]`.
  private(set) var old: [Double]
  /// new·newᵀ
  private(set) var new: [Double]
  /// (new − old)·(new − old)ᵀ
  private(set) var difference: [Double]
  /// (new + old)·(new + old)ᵀ
  private(set) var sum: [Double]
  /// (new − old)·(new + old)ᵀ
  private(set) var cross: [Double]

  private static let lanesPerBlock = 32
  private static let blockCount = lanesPerBlock * 8

  /// Sums up the rows of two matrices, each times its factor, with zeros for rows that are missing.
  init(old: Matrix?, new: Matrix?, factors: (old: Double, new: Double), rank: Int) {
    let none = [Double](repeating: 0, count: rank * rank)
    (self.old, self.new, difference, sum, cross) = (none, none, none, none, none)
    let empty = [SIMD8<Double>](repeating: .zero, count: rank * Self.lanesPerBlock)
    var (before, after, apart, together) = (empty, empty, empty, empty)
    let columns = old?.columns ?? new?.columns ?? 0
    for start in stride(from: 0, to: columns, by: Self.blockCount) {
      let range = start..<min(start + Self.blockCount, columns)
      if let old { Self.fill(&before, with: old, range, factor: factors.old) }
      if let new { Self.fill(&after, with: new, range, factor: factors.new) }
      if old != nil { Self.add(before, before, isSymmetric: true, to: &self.old, rank) }
      if new != nil { Self.add(after, after, isSymmetric: true, to: &self.new, rank) }
      for index in before.indices {
        apart[index] = after[index] - before[index]
        together[index] = after[index] + before[index]
      }
      Self.add(apart, apart, isSymmetric: true, to: &difference, rank)
      Self.add(together, together, isSymmetric: true, to: &sum, rank)
      Self.add(apart, together, isSymmetric: false, to: &cross, rank)
    }
  }

  /// Puts some columns of a matrix into a block, zeros behind them.
  private static func fill(
    _ block: inout [SIMD8<Double>], with matrix: Matrix, _ range: Range<Int>, factor: Double
  ) {
    for row in 0..<matrix.rows {
      let start = row * matrix.columns + range.lowerBound
      for vector in 0..<lanesPerBlock {
        var lanes = SIMD8<Double>.zero
        for lane in 0..<max(0, min(8, range.count - vector * 8)) {
          lanes[lane] = factor * Double(matrix.elements[start + vector * 8 + lane])
        }
        block[row * lanesPerBlock + vector] = lanes
      }
    }
  }

  /// Adds the products of the rows of two blocks.
  private static func add(
    _ a: [SIMD8<Double>], _ b: [SIMD8<Double>], isSymmetric: Bool, to gram: inout [Double],
    _ rank: Int
  ) {
    for row in 0..<rank {
      for column in (isSymmetric ? row : 0)..<rank {
        let (i, j) = (row * lanesPerBlock, column * lanesPerBlock)
        var sum = SIMD8<Double>.zero
        for vector in 0..<lanesPerBlock { sum += a[i + vector] * b[j + vector] }
        let total = sum.sum()
        gram[row * rank + column] += total
        if isSymmetric, column > row { gram[column * rank + row] += total }
      }
    }
  }

  /// The transpose of a square of `rank` rows.
  static func transposed(_ gram: [Double], rank: Int) -> [Double] {
    (0..<rank * rank).map { gram[$0 % rank * rank + $0 / rank] }
  }
}
