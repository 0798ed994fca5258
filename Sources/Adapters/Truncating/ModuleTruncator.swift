internal import Compute
internal import Tensors

/// Truncates one module's change.
struct ModuleTruncator: Sendable {
  let module: ModuleDraft
  let factors: LowRank

  /// One truncated module, and what it costs.
  struct Outcome: Sendable {
    /// Nil where no singular value is kept.
    let draft: ModuleDraft?
    let report: ModuleTruncation
  }

  /// Whether the module is written even where no singular value is kept: magnitudes and a bias act
  /// without a product too, and such a module keeps one of zeros.
  var isPermanent: Bool { module.magnitude != nil || module.bias != nil }

  /// The largest rank that it can be asked to keep.
  var rankBound: Int {
    let (rows, columns) = factors.productExtents
    return module.isStored ? factors.rank : min(factors.rank, rows, columns)
  }

  /// The bytes of its tensors.
  var byteCount: Int { factors.tensors.reduce(0) { $0 + $1.info.byteCount } }

  /// What a rank takes in the types given, or its own.
  func byteCountPerRank(as dtype: DType?) -> Int {
    let (rows, columns) = factors.productExtents
    return
      (rows * (dtype ?? module.b.dtype).bitWidth + columns * (dtype ?? module.a.dtype).bitWidth)
      / 8
  }

  /// The singular values of the scaled change.
  func spectrum(form: KernelForm) throws(AdapterError) -> Spectrum {
    try factors.decomposition(of: TargetParameter(module.target), form: form)
      .spectrum(of: TargetParameter(module.target))
  }

  /// The truncations by several options; `ranks` are those that a budget has settled.
  func outcomes(
    _ options: [TruncationOptions], ranks: [Int?], form: KernelForm
  ) throws(AdapterError) -> [Outcome] {
    let target = TargetParameter(module.target)
    let options = options.map { $0.settled(for: module.target) }
    let core = try factors.decomposition(of: target, form: form)
    var kept: [Int] = []
    let spectrum: Spectrum
    let vectors: SingularValueDecomposition
    do {
      let found = try core.decomposition { values in
        let spectrum = Spectrum(values)
        kept = zip(options, ranks).map { option, settled in
          settled ?? option.selection.rank(of: spectrum) ?? values.count
        }
        return kept.max() ?? 0
      }
      spectrum = Spectrum(found.values)
      vectors = found.vectors
    } catch { throw .notFactorised(target) }
    var outcomes: [Outcome] = []
    for (option, rank) in zip(options, kept) {
      outcomes.append(try outcome(option, rank, spectrum, vectors, core.noiseFloor, form))
    }
    return outcomes
  }

  private func outcome(
    _ option: TruncationOptions, _ rank: Int, _ spectrum: Spectrum,
    _ vectors: SingularValueDecomposition, _ noise: Double, _ form: KernelForm
  ) throws(AdapterError) -> Outcome {
    // Factors that were made for the purpose are no better than the singular vectors, and more.
    let isKept =
      module.isStored && rank > 0 && rank >= min(factors.rank, spectrum.values.count)
      && factors.rank <= option.mostWrittenRank
    let isDropped = rank == 0 && !isPermanent && option.paddedRank == nil
    let stored = isKept ? factors.rank : max(rank, 1)
    let written = isDropped ? 0 : option.paddedRank ?? stored
    guard stored <= written || isDropped else {
      throw .rankAbovePadding(module.target, rank: stored, padded: written)
    }
    var draft: ModuleDraft?
    var rounding = (spectral: 0.0, frobenius: 0.0)
    if !isDropped {
      let exact =
        isKept
        ? (a: try values(module.a, form), b: try values(module.b, form))
        : shared(vectors.truncated(to: rank), option.distribution, noise)
      let made = module.replacing(
        a: tensor(exact.a.padded(toRows: written), of: module.a, written, 0, option, form),
        b: tensor(exact.b.padded(toColumns: written), of: module.b, written, 1, option, form))
      rounding = try self.rounding(of: made, from: exact, written, form)
      draft = made
    }
    return Outcome(
      draft: draft,
      report: ModuleTruncation(
        target: module.target, extents: factors.productExtents, oldRank: factors.rank,
        keptRank: rank, writtenRank: written, spectrum: spectrum, isKept: isKept,
        rounding: rounding))
  }

  /// A and B of the unscaled change with the given vectors. Singular values that are rounding alone
  /// have no vectors to speak of, and become zeros.
  private func shared(
    _ vectors: SingularValueDecomposition, _ distribution: TruncationOptions.Distribution,
    _ noise: Double
  ) -> (a: RealMatrix, b: RealMatrix) {
    let scaling = factors.scaling.factor
    let values = vectors.values.map { $0 > noise ? $0 / abs(scaling) : 0 }
    var (b, a) = (vectors.left, vectors.right)
    switch distribution {
    case .sqrt:
      b.scaleColumns(by: values.map { $0.squareRoot() })
      a.scaleRows(by: values.map { $0.squareRoot() })
    case .a: a.scaleRows(by: values)
    case .b: b.scaleColumns(by: values)
    }
    if scaling < 0 { b.scaleColumns(by: values.map { _ in -1 }) }
    return (a, b)
  }

  private func values(
    _ tensor: DraftTensor, _ form: KernelForm
  ) throws(AdapterError) -> RealMatrix {
    let (rows, columns) = tensor.shape.matrix
    return RealMatrix(rows: rows, columns: columns, elements: try tensor.values(form: form))
  }

  /// A factor of another rank, which stands at `axis` of its extents.
  private func tensor(
    _ matrix: RealMatrix, of old: DraftTensor, _ rank: Int, _ axis: Int,
    _ option: TruncationOptions, _ form: KernelForm
  ) -> DraftTensor {
    var extents = old.shape.extents
    extents[axis] = rank
    return DraftTensor(matrix, extents: extents, as: option.dtype ?? old.dtype, form: form)
  }

  /// The norms of s·(B̂·Â − B·A), with B̂·Â − B·A = (B̂ − B)·A + B̂·(Â − A) factorised as it stands: no
  /// difference of large numbers is taken but that of the entries.
  private func rounding(
    of draft: ModuleDraft, from exact: (a: RealMatrix, b: RealMatrix), _ rank: Int,
    _ form: KernelForm
  ) throws(AdapterError) -> (spectral: Double, frobenius: Double) {
    let (a, b) = (exact.a.padded(toRows: rank), exact.b.padded(toColumns: rank))
    let stored = (a: try values(draft.a, form), b: try values(draft.b, form))
    for (matrix, tensor, side) in [(stored.a, draft.a, "A"), (stored.b, draft.b, "B")] {
      let count = matrix.elements.count { !$0.isFinite }
      if count > 0 {
        throw .overflow(TensorName("\(module.target).lora_\(side)"), tensor.dtype, count: count)
      }
    }
    let (da, db) = (stored.a.minus(a), stored.b.minus(b))
    guard da.frobeniusNorm > 0 || db.frobeniusNorm > 0 else { return (0, 0) }
    do throws(ComputeError) {
      let values = try FactoredDecomposition(
        left: db.beside(stored.b), right: a.above(da)
      ).values()
      let spectrum = Spectrum(values)
      let scaling = abs(factors.scaling.factor)
      return (scaling * spectrum.spectralNorm, scaling * spectrum.frobeniusNorm)
    } catch {
      throw .notFactorised(TargetParameter(module.target))
    }
  }
}
