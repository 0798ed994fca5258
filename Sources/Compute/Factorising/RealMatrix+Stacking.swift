extension RealMatrix {
  /// [self, other], of equal rows.
  public func beside(_ other: RealMatrix) -> RealMatrix {
    precondition(rows == other.rows, "matrices of equal rows")
    var stacked: [Double] = []
    stacked.reserveCapacity(elements.count + other.elements.count)
    for row in 0..<rows {
      stacked += elements[row * columns..<(row + 1) * columns]
      stacked += other.elements[row * other.columns..<(row + 1) * other.columns]
    }
    return RealMatrix(rows: rows, columns: columns + other.columns, elements: stacked)
  }

  /// [self; other], of equal columns.
  public func above(_ other: RealMatrix) -> RealMatrix {
    precondition(columns == other.columns, "matrices of equal columns")
    return RealMatrix(
      rows: rows + other.rows, columns: columns, elements: elements + other.elements)
  }

  /// The matrix with rows of zeros below it, `[count, columns]`.
  public func padded(toRows count: Int) -> RealMatrix {
    count == rows ? self : above(RealMatrix(rows: count - rows, columns: columns))
  }

  /// The matrix with columns of zeros behind it, `[rows, count]`.
  public func padded(toColumns count: Int) -> RealMatrix {
    count == columns ? self : beside(RealMatrix(rows: rows, columns: count - columns))
  }

  /// self − other
  public func minus(_ other: RealMatrix) -> RealMatrix {
    precondition(rows == other.rows && columns == other.columns, "matrices of equal extents")
    return RealMatrix(
      rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 - $1 })
  }
}
