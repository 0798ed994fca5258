internal import Compute

/// Tiled blocks in memory, scaled.
struct TiledBlockProduct: Sendable {
  /// `[n · size, size]`
  let blocks: Matrix
  /// The columns of the whole matrix before it is turned.
  let columns: Int
  /// Whether the matrix's transpose is meant.
  let isTransposed: Bool
  /// What rows of the matrix before it is turned are multiplied by; nil for nothing.
  let rowFactors: [Float]?

  /// Writes a rectangle to `target`, row after row without gaps.
  func write(rows: Range<Int>, columns wanted: Range<Int>, into target: inout [Float]) {
    for index in 0..<rows.count * wanted.count { target[index] = 0 }
    let (own, others) = isTransposed ? (wanted, rows) : (rows, wanted)
    let size = blocks.columns
    for row in own {
      let pattern = row % blocks.rows
      let start = pattern / size * size
      let factor = rowFactors?[row]
      for t in 0..<size {
        let column = (start + t) % columns
        guard others.contains(column) else { continue }
        let place =
          isTransposed
          ? (column - rows.lowerBound) * wanted.count + row - wanted.lowerBound
          : (row - rows.lowerBound) * wanted.count + column - wanted.lowerBound
        target[place] += blocks.elements[pattern * size + t]
      }
      guard let factor else { continue }
      for column in others {
        let place =
          isTransposed
          ? (column - rows.lowerBound) * wanted.count + row - wanted.lowerBound
          : (row - rows.lowerBound) * wanted.count + column - wanted.lowerBound
        target[place] *= factor
      }
    }
  }
}
