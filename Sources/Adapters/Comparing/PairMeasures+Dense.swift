internal import Compute
internal import Tensors

extension PairMeasures {
  /// Measures two matrices of one shape whose entries are all at hand; one that is missing counts as
  /// zero. `name` seeds the random vectors with which a large one is measured.
  ///
  /// Spectral norms above 512 are lower ends of intervals whose width is the error bound
  /// (`SpectralNorm`). Norms of matrices with entries that are not finite are missing.
  init(
    denseFrom old: Matrix?, to new: Matrix?, measures: DifferenceMeasures, name: String
  ) throws(ComputeError) {
    let shape = (old ?? new).map { ($0.rows, $0.columns) } ?? (0, 0)
    var difference =
      new
      ?? Matrix(
        rows: shape.0, columns: shape.1,
        elements: [Float](repeating: 0, count: shape.0 * shape.1))
    if let old {
      for index in difference.elements.indices { difference.elements[index] -= old.elements[index] }
    }
    let all = [old, new, difference]
    let lengths = all.map { ($0?.squaredFrobeniusNorm ?? 0).squareRoot() }
    // Each difference rounds once to Float; the sums of squares add far less.
    var norms: [MatrixNorm: DifferenceNorms] = [
      .frobenius: DifferenceNorms(
        old: lengths[0], new: lengths[1], distance: lengths[2], errorBound: 0x1p-23 * lengths[2])
    ]
    if lengths.allSatisfy(\.isFinite) {
      for norm in measures.norms {
        var values: [(value: Double, error: Double)] = []
        for matrix in all {
          values.append(
            try matrix.map { matrix throws(ComputeError) in
              try Self.norm(norm, of: matrix, name: name)
            } ?? (0, 0))
        }
        norms[norm] = DifferenceNorms(
          old: values[0].value, new: values[1].value, distance: values[2].value,
          errorBound: values[2].error + 0x1p-23 * lengths[2])
      }
    }
    let isPair = old != nil && new != nil
    self.init(
      norms: norms,
      innerProduct: isPair
        ? (lengths[0] * lengths[0] + lengths[1] * lengths[1] - lengths[2] * lengths[2]) / 2 : nil)
  }

  /// How far apart the ends of a large matrix's spectral norm may be. So many blocks find the lower one
  /// to 10⁻⁵ also where singular values are as close as those of noise.
  private static let ratio = 1.02

  /// A norm, and how much larger it may be.
  static func norm(
    _ norm: MatrixNorm, of matrix: Matrix, name: String
  ) throws(ComputeError) -> (value: Double, error: Double) {
    switch norm {
    case .frobenius: return (matrix.squaredFrobeniusNorm.squareRoot(), 0)
    case .max: return (matrix.elements.reduce(0.0) { max($0, Double(abs($1))) }, 0)
    case .nuclear:
      let spectrum = try WholeSpectrum(of: matrix)
      return (
        spectrum.values.reduce(0, +), spectrum.values.reduce(0.0) { $0 + spectrum.error(of: $1) }
      )
    case .spectral:
      let extent = min(matrix.rows, matrix.columns)
      if extent == 1 { return (matrix.squaredFrobeniusNorm.squareRoot(), 0) }
      if extent <= SpectralNorm.wholeLimit {
        let spectrum = try WholeSpectrum(of: matrix)
        return (spectrum.values.first ?? 0, spectrum.errorBound)
      }
      var randomness = NamedRandomness(seed: 0, name: name)
      let found = try SpectralNorm(of: matrix, ratio: ratio, randomness: &randomness)
      return (found.lower, found.upper - found.lower)
    }
  }
}

extension StoredTensor {
  /// The elements as a matrix in memory: the first extent against the product of the others. Throws
  /// where one is not finite.
  func wholeMatrix(form: KernelForm) throws(AdapterError) -> Matrix {
    let (rows, columns) = shape.matrix
    return Matrix(rows: rows, columns: columns, elements: try floats(form: form))
  }
}
