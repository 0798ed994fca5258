extension DifferenceNorms {
  /// The largest entries in magnitude of two products of factors and of their difference, a tile at a
  /// time in Double: work of rows · columns · rank, memory of a tile.
  ///
  /// An entry of k terms is right to (k + 2)·2⁻⁵³ of the largest |row of L|·|column of R|.
  public init(largestEntriesFrom old: ScaledFactors?, to new: ScaledFactors?) throws(ComputeError) {
    let some = old ?? new
    let (rows, columns) = (some?.left.rows ?? 0, some?.right.columns ?? 0)
    let edge = 512
    var largest = (old: 0.0, new: 0.0, distance: 0.0)
    for top in stride(from: 0, to: rows, by: edge) {
      let lefts = [old, new].map { $0?.leftRows(top..<min(top + edge, rows)) }
      for start in stride(from: 0, to: columns, by: edge) {
        let range = start..<min(start + edge, columns)
        let tiles = zip(lefts, [old, new]).map { left, factors in
          left.flatMap { left in (factors?.rightColumns(range)).map { left.times($0) } }
        }
        let empty = [Double](
          repeating: 0, count: min(edge, rows - top) * range.count)
        for (before, after) in zip(tiles[0]?.elements ?? empty, tiles[1]?.elements ?? empty) {
          guard (before + after).isFinite else { throw .notFinite }
          largest.old = max(largest.old, abs(before))
          largest.new = max(largest.new, abs(after))
          largest.distance = max(largest.distance, abs(after - before))
        }
      }
    }
    let depth = Double(max(old?.left.columns ?? 0, new?.left.columns ?? 0) + 2)
    let bound = [old, new].compactMap { $0?.entryBound }.reduce(0, +)
    self.init(
      old: largest.old, new: largest.new, distance: largest.distance,
      errorBound: depth * 0x1p-53 * bound)
  }
}

extension ScaledFactors {
  /// Some rows of s·L, `[range.count, rank]`.
  fileprivate func leftRows(_ range: Range<Int>) -> RealMatrix {
    let rank = left.columns
    return RealMatrix(
      rows: range.count, columns: rank,
      elements: left.elements[range.lowerBound * rank..<range.upperBound * rank].map {
        scaling * Double($0)
      })
  }

  /// Some columns of R, `[rank, range.count]`.
  fileprivate func rightColumns(_ range: Range<Int>) -> RealMatrix {
    var elements: [Double] = []
    elements.reserveCapacity(right.rows * range.count)
    for row in 0..<right.rows {
      let start = row * right.columns
      elements += right.elements[start + range.lowerBound..<start + range.upperBound].lazy
        .map(Double.init)
    }
    return RealMatrix(rows: right.rows, columns: range.count, elements: elements)
  }

  /// No Σ|s·L[i, k]|·|R[k, j]| is larger.
  fileprivate var entryBound: Double {
    var (rowMost, columnSquares) = (0.0, [Double](repeating: 0, count: right.columns))
    for row in 0..<left.rows {
      let range = row * left.columns..<(row + 1) * left.columns
      rowMost = max(rowMost, left.elements[range].reduce(0.0) { $0 + Double($1) * Double($1) })
    }
    for row in 0..<right.rows {
      for column in 0..<right.columns {
        let entry = Double(right.elements[row * right.columns + column])
        columnSquares[column] += entry * entry
      }
    }
    return abs(scaling) * rowMost.squareRoot() * (columnSquares.max() ?? 0).squareRoot()
  }
}
