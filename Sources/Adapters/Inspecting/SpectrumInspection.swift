internal import Compute
internal import Parallel
public import Tensors

/// The singular values of every low-rank change of an adapter, from its factors: no change is formed.
public struct SpectrumInspection: Sendable {
  /// One change.
  public struct Row: Sendable {
    /// What it changes.
    public let target: TargetParameter
    /// The extents of the change as a matrix.
    public let extents: (rows: Int, columns: Int)
    /// The rank that is stored and paid for.
    public let paidRank: Int
    /// The singular values that are more than rounding: the rank that is used.
    public let usedRank: Int
    /// The singular values of the scaled change.
    public let spectrum: Spectrum
    /// Whether magnitudes act on the weight besides (DoRA), which takes a base to measure.
    public let hasMagnitudes: Bool
    /// ‖W‖_F of the base's weight; nil where no base was given.
    public let baseNorm: Double?

    /// ‖Δ‖_F / ‖W‖_F; nil where there is nothing to relate to.
    public var relativeNorm: Double? {
      baseNorm.flatMap { $0 > 0 ? spectrum.frobeniusNorm / $0 : nil }
    }
  }

  /// The low-rank changes, by target.
  public let rows: [Row]
  /// The updates that have no factors: weights and rows that are replaced, biases.
  public let others: [TargetParameter]

  /// Factorises every change, and with a base reads the weights that change. Throws where a factor is
  /// not finite, where the adapter does not fit the base, and where nothing has low rank. The filter is
  /// on the names of weights; none may pass.
  public init(
    of adapter: Adapter, filter: NameFilter = NameFilter(), base: Checkpoint? = nil,
    execution: Execution = Execution()
  ) throws(AdapterError) {
    guard adapter.updates.contains(where: { $0.factors != nil }) else {
      throw .noRank(adapter.path, method: adapter.method)
    }
    let admitted = adapter.updates.filter { filter.admits(TensorName($0.target.description)) }
    let updates = admitted.filter { $0.factors != nil }
    others = admitted.filter { $0.factors == nil }.map(\.target)
    var places: [TargetParameter: StoredTensor] = [:]
    if let base {
      for binding in try adapter.bound(to: base).bindings {
        var name = binding.tensor
        if case .tiedHead(let embedding) = binding.kind { name = embedding }
        places[binding.update.target] = base[name].map {
          StoredTensor($0.info, in: base.shards[$0.shard])
        }
      }
    }
    let weights = places
    let results = Results<Row>(count: updates.count)
    try execution.workers.perform(jobs: updates.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let update = updates[number]
      results[number] = try Self.row(of: update, weight: weights[update.target], execution)
      execution.progress(update.tensors.reduce(0) { $0 + $1.info.byteCount })
    }
    rows = results.values
  }

  private static func row(
    of update: WeightUpdate, weight: StoredTensor?, _ execution: Execution
  ) throws(AdapterError) -> Row {
    guard let factors = update.factors else { preconditionFailure("the update has factors") }
    let core = try factors.decomposition(of: update.target, form: execution.form)
    let spectrum = try core.spectrum(of: update.target)
    let norm = try weight.map { weight throws(AdapterError) in
      try UpdatePair.norms(weight, weight, execution: execution)?.old
    }
    return Row(
      target: update.target, extents: factors.productExtents, paidRank: factors.rank,
      usedRank: spectrum.values.count { $0 > core.noiseFloor }, spectrum: spectrum,
      hasMagnitudes: update.hasMagnitudes, baseNorm: norm ?? nil)
  }
}

extension LowRank {
  /// The factorisation of the scaled product; throws where a factor is unreadable or not finite.
  func decomposition(
    of target: TargetParameter, form: KernelForm
  ) throws(AdapterError) -> FactoredDecomposition {
    let terms = [
      ScaledFactors(
        left: try b.matrix(form: form), right: try a.matrix(form: form), scaling: scaling.factor)
    ]
    do { return try FactoredDecomposition(ofSumOf: terms) } catch { throw .notFactorised(target) }
  }
}

extension FactoredDecomposition {
  /// The singular values.
  func spectrum(of target: TargetParameter) throws(AdapterError) -> Spectrum {
    do { return Spectrum(try values()) } catch { throw .notFactorised(target) }
  }
}
