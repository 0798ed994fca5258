extension CombinePlan {
  /// The private memory that combining will need at most with so many threads, in bytes, about: what
  /// the largest weights take, one for each worker, and the factors that are written.
  ///
  /// A method that works on factors needs a few copies of them in Double. An elementwise method forms
  /// each member's delta of one weight for each worker, and what they become: it grows with the
  /// largest weight, and not with the number of weights.
  public func memoryByteCount(workers: Int) -> Int {
    let overhead = 24 << 20
    let each = weights.map { weight in
      let (rows, columns) = weight.extents
      let rank = max(1, weight.depth)
      let factors = 8 * rank * (rows + columns) * 6 + 8 * rank * rank * 8
      guard options.method.isElementwise else {
        return options.method == .knots
          ? factors + (8 * 3 + 12) * rank * columns * weight.members.count : factors
      }
      // The deltas, one of them twice while it is made sparse, the votes, the result, its residual.
      let formed = rows * columns * (4 * (weight.members.count + 1) + 8 + 4 + 4)
      let whole = min(rows, columns) <= 512 ? 8 * rows * columns * 3 : 0
      return factors + formed + whole
    }
    let underWay = each.sorted(by: >).prefix(workers).reduce(0, +)
    let written = weights.reduce(0) { $0 + $1.rankBound * ($1.extents.rows + $1.extents.columns) }
    return overhead + underWay + 12 * written
  }
}
