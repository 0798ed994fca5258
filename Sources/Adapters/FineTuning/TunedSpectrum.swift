internal import Compute
internal import Files
internal import Parallel
public import Tensors

/// The singular values of one weight before a fine-tune, after it, and of the change.
public struct TunedSpectrum: Sendable {
  /// The weight.
  public let name: TensorName
  /// Its module and parameter.
  public let target: TargetParameter
  /// Its extents.
  public let shape: Shape
  /// Of Δ = W_tuned − W_base; complete.
  public let change: Spectrum
  /// Of Δ without the rounding of stored weights, as far as that can be told.
  public let denoised: Spectrum
  /// The rounding.
  public let floor: RoundingFloor
  /// Of W_base; complete.
  public let base: Spectrum
  /// Of W_tuned; complete.
  public let tuned: Spectrum
  /// What σ₁ of the change is right to.
  public let errorBound: Double
  /// The leading left singular vectors of W_tuned that W_base has none like; nil where they were not
  /// looked for.
  public let intruders: IntruderDimensions?

  /// ‖Δ‖_F / ‖W_base‖_F; nil where the base's weight is zero.
  public var relativeNorm: Double? {
    base.energy > 0 ? change.frobeniusNorm / base.frobeniusNorm : nil
  }
}

/// Every weight of a fine-tune that changed, by its singular values.
public struct FineTuneSpectra: Sendable {
  /// The two models.
  public let fineTune: FineTune
  /// The matrices that changed, in the order of layers.
  public let matrices: [TunedSpectrum]
  /// The other tensors that changed: norms, biases, embeddings and those of another size.
  public let others: [TensorName]
  /// The number of tensors of which every bit is the same.
  public let unchangedCount: Int

  /// Decomposes every matrix that changed, whole, one at a time for each thread: Δ, then W_base, then
  /// W_tuned, in Float each, with a square of the smaller extent in Double beside it. For intruders the
  /// base's vectors are looked up in `decompositions` first, and kept there.
  public init(
    of fineTune: FineTune, filter: NameFilter = NameFilter(), findsIntruders: Bool = false,
    decompositions: DecompositionStore? = nil, execution: Execution = Execution()
  ) throws(AdapterError) {
    self.fineTune = fineTune
    let pairs = fineTune.pairs.filter { filter.admits($0.name) }
    let results = Results<Finding>(count: pairs.count)
    let gate = LargeMatrices()
    try execution.workers.perform(jobs: pairs.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let pair = pairs[number]
      results[number] = try gate.taking(pair) { () throws(AdapterError) in
        try pair.finding(findsIntruders: findsIntruders, decompositions, execution)
      }
      execution.progress(pair.base.info.byteCount + pair.tuned.info.byteCount)
    }
    let findings = results.values
    matrices = findings.compactMap { if case .matrix(let spectrum) = $0 { spectrum } else { nil } }
      .sorted { $0.target < $1.target }
    others = zip(pairs, findings).compactMap { pair, finding in
      if case .other = finding { pair.name } else { nil }
    }
    unchangedCount = findings.count { if case .unchanged = $0 { true } else { false } }
  }

  fileprivate enum Finding: Sendable {
    case unchanged
    case other
    case matrix(TunedSpectrum)
  }
}

extension TunedTensor {
  fileprivate func finding(
    findsIntruders: Bool, _ decompositions: DecompositionStore?, _ execution: Execution
  ) throws(AdapterError) -> FineTuneSpectra.Finding {
    guard case .matrix(let isTurned) = role, !isResized else {
      return try isUnchanged(execution) ? .unchanged : .other
    }
    guard let (floor, whole, inputError) = try changeSpectrum(execution) else { return .unchanged }
    func weight(_ side: StoredTensor) throws(AdapterError) -> Matrix {
      let stored = try matrix(of: side, execution)
      return isTurned ? stored.transposed : stored
    }
    var intruders: IntruderDimensions?
    let (before, after): (Spectrum, Spectrum)
    if findsIntruders {
      let origin = try baseDecomposition(isTurned: isTurned, keptIn: decompositions) {
        () throws(AdapterError) in try weight(base)
      }
      let result = try weight(tuned)
      (before, after) = (Spectrum(origin.values), Spectrum(try decomposed(result).values))
      do { intruders = try IntruderDimensions(base: origin, tuned: result) } catch {
        throw .notComputable(tuned.file.reader.path, name, error)
      }
    } else {
      before = Spectrum(try decomposed(try weight(base)).values)
      after = Spectrum(try decomposed(try weight(tuned)).values)
    }
    return .matrix(
      TunedSpectrum(
        name: name, target: target, shape: base.shape, change: Spectrum(whole.values),
        denoised: Spectrum(floor.denoised(whole.values)), floor: floor, base: before, tuned: after,
        errorBound: whole.errorBound + inputError, intruders: intruders))
  }

  /// Δ's singular values, its rounding, and what Δ itself is off by; nil where nothing changed. Δ is
  /// gone afterwards.
  private func changeSpectrum(
    _ execution: Execution
  ) throws(AdapterError) -> (RoundingFloor, WholeSpectrum, Double)? {
    guard let change = try change(execution) else { return nil }
    let floor = RoundingFloor(
      deviation: change.roundingNoise, rows: change.matrix.rows, columns: change.matrix.columns)
    return (floor, try decomposed(change.matrix), change.inputError)
  }

  private func decomposed(_ matrix: Matrix) throws(AdapterError) -> WholeSpectrum {
    do { return try WholeSpectrum(of: matrix) } catch {
      throw .notComputable(tuned.file.reader.path, name, error)
    }
  }
}
