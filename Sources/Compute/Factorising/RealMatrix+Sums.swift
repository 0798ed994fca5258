extension RealMatrix {
  /// self + other
  func plus(_ other: RealMatrix) -> RealMatrix {
    precondition(rows == other.rows && columns == other.columns, "matrices of one shape")
    return RealMatrix(
      rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 + $1 })
  }

  /// self · factor
  func scaled(by factor: Double) -> RealMatrix {
    factor == 1
      ? self : RealMatrix(rows: rows, columns: columns, elements: elements.map { $0 * factor })
  }

  /// Σ self∘other, the inner product that belongs to the Frobenius norm.
  public func innerProduct(with other: RealMatrix) -> Double {
    precondition(rows == other.rows && columns == other.columns, "matrices of one shape")
    return zip(elements, other.elements).reduce(0.0) { $0 + $1.0 * $1.1 }
  }
}
