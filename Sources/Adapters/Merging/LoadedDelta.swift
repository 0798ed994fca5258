internal import Compute
internal import Tensors

/// A tensor's whole additive update in memory, computed a rectangle at a time.
///
/// It is a sum of parts in a fixed order: first the product of all stacked factors of low-rank
/// updates, then the others in the order of the plan, each added with one rounding (NUMERICS.md).
/// No parts are a delta of zeros.
struct LoadedDelta: Sendable {
  /// One term of the sum.
  enum Part: Sendable {
    /// A product of factors.
    case product(FactorProduct)
    /// Two products, entry by entry.
    case hadamard(FactorProduct, FactorProduct)
    /// A Kronecker product.
    case kronecker(KroneckerProduct)
    /// Blocks on the diagonal, repeated downwards.
    case tiledBlocks(TiledBlockProduct)
    /// Products on top of one another, of as many rows each.
    case stack([FactorProduct])
    /// Stored values, `[rows, columns]`.
    case values([Float])
  }

  let parts: [Part]
  let rows: Int
  let columns: Int

  /// The columns that a rectangle may have.
  var columnsPerBlock: Int {
    parts.map { part in
      switch part {
      case .product(let product): return product.columnsPerBlock
      case .hadamard(let one, let other):
        return min(one.columnsPerBlock, other.columnsPerBlock)
      case .stack(let products): return products[0].columnsPerBlock
      case .kronecker, .tiledBlocks, .values: return FactorProduct.columnsPerBlock(depth: 1)
      }
    }.min() ?? FactorProduct.columnsPerBlock(depth: 1)
  }

  /// Writes a rectangle of the sum to `target`, row after row without gaps; `spare` is room that is
  /// made when it is needed. Columns start where a panel of a product does.
  func write(
    rows rowRange: Range<Int>, columns columnRange: Range<Int>, into target: inout [Float],
    spare: inout [Float]
  ) {
    let count = rowRange.count * columnRange.count
    if parts.isEmpty { for index in 0..<count { target[index] = 0 } }
    for (number, part) in parts.enumerated() {
      if number == 0 {
        write(part, rowRange, columnRange, into: &target, spare: &spare)
      } else {
        var term = [Float](repeating: 0, count: count)
        write(part, rowRange, columnRange, into: &term, spare: &spare)
        for index in 0..<count { target[index] += term[index] }
      }
    }
  }

  private func write(
    _ part: Part, _ rowRange: Range<Int>, _ columnRange: Range<Int>, into target: inout [Float],
    spare: inout [Float]
  ) {
    let count = rowRange.count * columnRange.count
    switch part {
    case .product(let product): product.write(rows: rowRange, columns: columnRange, into: &target)
    case .hadamard(let one, let other):
      if spare.count < count {
        spare.append(contentsOf: repeatElement(0, count: count - spare.count))
      }
      one.write(rows: rowRange, columns: columnRange, into: &target)
      other.write(rows: rowRange, columns: columnRange, into: &spare)
      for index in 0..<count { target[index] *= spare[index] }
    case .kronecker(let product):
      product.write(rows: rowRange, columns: columnRange, into: &target)
    case .tiledBlocks(let blocks):
      blocks.write(rows: rowRange, columns: columnRange, into: &target)
    case .stack(let products):
      writeStack(products, rowRange, columnRange, into: &target)
    case .values(let values):
      var place = 0
      for row in rowRange {
        for column in columnRange {
          target[place] = values[row * columns + column]
          place += 1
        }
      }
    }
  }
}

extension LoadedDelta {
  private func writeStack(
    _ products: [FactorProduct], _ rowRange: Range<Int>, _ columnRange: Range<Int>,
    into target: inout [Float]
  ) {
    let height = products[0].rows
    var row = rowRange.lowerBound
    while row < rowRange.upperBound {
      let (number, start) = row.quotientAndRemainder(dividingBy: height)
      let end = min(height, start + rowRange.upperBound - row)
      var part = [Float](repeating: 0, count: (end - start) * columnRange.count)
      products[number].write(rows: start..<end, columns: columnRange, into: &part)
      let place = (row - rowRange.lowerBound) * columnRange.count
      target.replaceSubrange(place..<place + part.count, with: part)
      row += end - start
    }
  }
}

/// A scaled Kronecker product in memory: entry (i₁·r + i₂, j₁·c + j₂) is
/// left[i₁, j₁] · right[i₂, j₂], one rounding; times one factor a row or a column where there are
/// some, one rounding more.
struct KroneckerProduct: Sendable {
  let left: Matrix
  let right: Matrix
  /// What rows or columns of the product are multiplied by.
  var factors: (values: [Float], areOfColumns: Bool)?

  /// Writes a rectangle to `target`, row after row without gaps.
  func write(rows: Range<Int>, columns: Range<Int>, into target: inout [Float]) {
    var place = 0
    for row in rows {
      let (outer, inner) = row.quotientAndRemainder(dividingBy: right.rows)
      let start = place
      var column = columns.lowerBound
      while column < columns.upperBound {
        let (outerColumn, innerColumn) = column.quotientAndRemainder(dividingBy: right.columns)
        let count = min(columns.upperBound - column, right.columns - innerColumn)
        let value = left.elements[outer * left.columns + outerColumn]
        let source = inner * right.columns + innerColumn
        for offset in 0..<count {
          target[place + offset] = value * right.elements[source + offset]
        }
        place += count
        column += count
      }
      guard let factors else { continue }
      for (offset, column) in columns.enumerated() {
        target[start + offset] *= factors.values[factors.areOfColumns ? column : row]
      }
    }
  }
}
