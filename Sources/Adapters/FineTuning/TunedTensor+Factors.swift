internal import Compute
internal import Files
internal import Tensors

/// Factors as they are written, and what is reported of them.
struct StoredFactors: Sendable {
  /// A, `[rank, in]` or of a convolution `[rank, in, …]`.
  let a: DraftTensor
  /// B, `[out, rank]` or of a convolution `[out, rank, 1, …]`.
  let b: DraftTensor
  let report: ExtractedFactors
}

extension TunedTensor {
  /// The change as two factors of the rank that the rule wants; nil where nothing changed.
  ///
  /// Δ ≈ U·Σ·Vᵀ, B = U·√Σ, A = √Σ·Vᵀ, both rounded to their type; the error is that of the rounded
  /// factors. Memory: Δ in Float, once, and a Krylov space beside it.
  func factors(
    isTurned: Bool, _ selection: RankSelection, _ options: ExtractionOptions,
    _ execution: Execution
  ) throws(AdapterError) -> StoredFactors? {
    guard var change = try change(execution) else { return nil }
    let dtype = factorType(options)
    do throws(ComputeError) {
      var randomness = NamedRandomness(seed: options.seed, name: name.text)
      let svd = try Self.leading(
        of: change.matrix, selection, expectedRank: selection.expectedRank, &randomness)
      let roots = svd.values.map { $0.squareRoot() }
      var (left, right) = (svd.left, svd.right)
      left.scaleColumns(by: roots)
      right.scaleRows(by: roots)
      let (b, a) = (
        Self.rounded(left, to: dtype, execution.form),
        Self.rounded(right, to: dtype, execution.form)
      )
      let error = try ApproximationError(
        of: &change.matrix, by: b, a, inputError: change.inputError, randomness: &randomness)
      let report = ExtractedFactors(
        rank: svd.values.count, dtype: dtype, norm: change.squaredNorm.squareRoot(),
        baseNorm: change.squaredBase.squareRoot(), values: svd.values, error: error)
      return stored(b, a, isTurned: isTurned, report)
    } catch {
      throw .notComputable(tuned.file.reader.path, name, error)
    }
  }

  /// The type that its factors are stored in.
  func factorType(_ options: ExtractionOptions) -> DType {
    options.dtype ?? (tuned.dtype == .f64 ? .f32 : tuned.dtype)
  }

  /// All singular values of the change; nil where nothing changed.
  func spectrum(_ execution: Execution) throws(AdapterError) -> Spectrum? {
    guard let change = try change(execution) else { return nil }
    do throws(ComputeError) { return Spectrum(try WholeSpectrum(of: change.matrix).values) } catch {
      throw .notComputable(tuned.file.reader.path, name, error)
    }
  }

  /// The triplets that the rule keeps. The finder and its space are gone before Δ is overwritten.
  private static func leading(
    of matrix: Matrix, _ selection: RankSelection, expectedRank: Int,
    _ randomness: inout NamedRandomness
  ) throws(ComputeError) -> SingularValueDecomposition {
    var finder = try RangeFinder(of: matrix, expectedRank: expectedRank, randomness: &randomness)
    // The sum of all singular values is not known from the leading ones.
    if case .nuclear = selection.rule { try finder.decompose() }
    while true {
      let spectrum =
        finder.isWhole
        ? Spectrum(finder.values) : Spectrum(largest: finder.values, energy: finder.squaredNorm)
      // Where everything is known a rule of one matrix decides; a budget over all has become one for each.
      let rank = selection.rank(of: spectrum) ?? (finder.isWhole ? finder.fullCount : nil)
      if let rank, finder.isSettled(rank) { return try finder.leading(rank) }
      // Where much is kept, one decomposition is cheaper than many blocks.
      if max(rank ?? 0, rank == nil ? finder.values.count : 0) > finder.fullCount / 8 {
        try finder.decompose()
      } else {
        try finder.expand()
      }
    }
  }

  /// The values that a type keeps of a matrix.
  private static func rounded(
    _ matrix: RealMatrix, to dtype: DType, _ form: KernelForm
  ) -> Matrix {
    Matrix(
      rows: matrix.rows, columns: matrix.columns,
      elements: Conversion.floats(
        Conversion.bytes(matrix.elements, as: dtype, form: form), of: dtype, form: form))
  }

  private func stored(
    _ left: Matrix, _ right: Matrix, isTurned: Bool, _ report: ExtractedFactors
  ) -> StoredFactors {
    // A turned weight is (B·A)ᵀ = Aᵀ·Bᵀ.
    let (b, a) = isTurned ? (right.transposed, left.transposed) : (left, right)
    let extents = base.shape.extents
    let inner = isTurned ? [a.columns] : Array(extents.dropFirst())
    let ones = [Int](repeating: 1, count: max(0, extents.count - 2))
    return StoredFactors(
      a: DraftTensor(RealMatrix(a), extents: [report.rank] + inner, as: report.dtype),
      b: DraftTensor(RealMatrix(b), extents: [b.rows, report.rank] + ones, as: report.dtype),
      report: report)
  }
}
