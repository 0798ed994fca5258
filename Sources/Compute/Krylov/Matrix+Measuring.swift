extension Matrix {
  /// ‖M‖_F², each square exact and the sum in Double in eight lanes: right to
  /// (rows · columns / 8 + 3) · 2⁻⁵³ of itself.
  public var squaredFrobeniusNorm: Double {
    var lanes = SIMD8<Double>.zero
    var start = 0
    let (span, count) = (elements.span, elements.count)
    while start + 8 <= count {
      let eight = SIMD8<Double>(
        SIMD8<Float>(
          span[start], span[start + 1], span[start + 2], span[start + 3], span[start + 4],
          span[start + 5], span[start + 6], span[start + 7]))
      lanes += eight * eight
      start += 8
    }
    var sum = lanes.sum()
    for index in start..<count { sum += Double(span[index]) * Double(span[index]) }
    return sum
  }

  /// The rows of one panel widened, `[range.count, columns]`.
  func widenedRows(_ range: Range<Int>) -> RealMatrix {
    var widened = RealMatrix(rows: range.count, columns: columns)
    let (span, start) = (elements.span, range.lowerBound * columns)
    for index in widened.elements.indices { widened.elements[index] = Double(span[start + index]) }
    return widened
  }

  /// Ranges of rows whose panel, widened, is a few megabytes.
  var panels: [Range<Int>] {
    let step = max(1, (1 << 19) / max(1, columns))
    return stride(from: 0, to: rows, by: step).map { $0..<min($0 + step, rows) }
  }

  /// self · vectorsᵀ in Double, `[vectors.rows, rows]`, of vectors `[k, columns]`.
  func images(of vectors: RealMatrix) -> RealMatrix {
    var result = RealMatrix(rows: vectors.rows, columns: rows)
    for panel in panels {
      let part = vectors.timesTransposed(widenedRows(panel))
      for row in 0..<vectors.rows {
        result.elements.replaceSubrange(
          row * rows + panel.lowerBound..<row * rows + panel.upperBound,
          with: part.elements[row * panel.count..<(row + 1) * panel.count])
      }
    }
    return result
  }

  /// vectors · self in Double, `[vectors.rows, columns]`, of vectors `[k, rows]`.
  func preimages(of vectors: RealMatrix) -> RealMatrix {
    var result = RealMatrix(rows: vectors.rows, columns: columns)
    for panel in panels {
      var part = RealMatrix(rows: vectors.rows, columns: panel.count)
      for row in 0..<vectors.rows {
        for (place, column) in panel.enumerated() { part[row, place] = vectors[row, column] }
      }
      let product = part.times(widenedRows(panel))
      for index in result.elements.indices { result.elements[index] += product.elements[index] }
    }
    return result
  }
}
