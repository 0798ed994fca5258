extension FactorPair {
  /// The norms that singular values tell, in the order asked for; the largest entry is not one of them.
  ///
  /// Each singular value is right to `noiseFloor`, and so are the largest of them and, over √k, the
  /// root of their squares; the sum of all k to k of it.
  public func norms(_ wanted: [MatrixNorm]) throws(ComputeError) -> [DifferenceNorms] {
    precondition(!wanted.contains(.max), "entries are not told by singular values")
    let needsValues = wanted.contains { $0 != .frobenius }
    let values = needsValues ? try singularValues() : nil
    let depth = Double(difference.rows)
    return wanted.map { norm in
      guard norm != .frobenius, let values else {
        return DifferenceNorms(
          old: old.frobeniusNorm, new: new.frobeniusNorm, distance: difference.frobeniusNorm,
          errorBound: noiseFloor * depth.squareRoot())
      }
      return DifferenceNorms(
        old: norm.value(ofSingularValues: values.old),
        new: norm.value(ofSingularValues: values.new),
        distance: norm.value(ofSingularValues: values.difference),
        errorBound: norm == .spectral ? noiseFloor : noiseFloor * depth)
    }
  }

  /// The singular values of the three, descending.
  public func singularValues() throws(ComputeError) -> (
    old: [Double], new: [Double], difference: [Double]
  ) {
    (
      try SingularValueDecomposition.values(of: old),
      try SingularValueDecomposition.values(of: new),
      try SingularValueDecomposition.values(of: difference)
    )
  }

  /// ⟨P, P'⟩, the sum of the products of their entries.
  public var innerProduct: Double { old.innerProduct(with: new) }
}
