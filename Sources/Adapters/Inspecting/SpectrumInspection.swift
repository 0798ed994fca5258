internal import Compute
internal import Parallel
public import Tensors

/// The singular values of every change of an adapter, from its factors: no change that has such is
/// formed.
public struct SpectrumInspection: Sendable {
  /// One change.
  public struct Row: Sendable {
    /// What it changes.
    public let target: TargetParameter
    /// The extents of the change as a matrix.
    public let extents: (rows: Int, columns: Int)
    /// The rank that is stored and paid for; nil where what is stored has none.
    public let paidRank: Int?
    /// The singular values that are more than rounding: the rank that is used.
    public let usedRank: Int
    /// The singular values of the scaled change.
    public let spectrum: Spectrum
    /// Whether magnitudes act on the weight besides (DoRA), which take a base to measure.
    public let hasMagnitudes: Bool
    /// Whether this is W' − W of the base that was given, and of no other.
    public let dependsOnBase: Bool
    /// ‖W‖_F of the base's weight; nil where no base was given.
    public let baseNorm: Double?

    /// ‖Δ‖_F / ‖W‖_F; nil where there is nothing to relate to.
    public var relativeNorm: Double? {
      baseNorm.flatMap { $0 > 0 ? spectrum.frobeniusNorm / $0 : nil }
    }
  }

  /// The changes of matrices, by target.
  public let rows: [Row]
  /// The updates of which there is no row: biases and norms, rows and weights that are replaced.
  public let others: [TargetParameter]

  /// Factorises every change. With a base, sizes are related to its weights, and of updates without
  /// factors of their own, DoRA's among them, W' − W is formed and decomposed, a matrix for each
  /// thread at a time, of large ones one at all.
  ///
  /// Throws where a factor is not finite, where the adapter does not fit the base, and where nothing
  /// has low rank. The filter is on the names of weights; none may pass.
  public init(
    of adapter: Adapter, filter: NameFilter = NameFilter(), base: Checkpoint? = nil,
    execution: Execution = Execution()
  ) throws(AdapterError) {
    if let base {
      (rows, others) = try Self.rows(of: adapter, on: base, filter, execution)
      guard !rows.isEmpty || others.isEmpty else {
        throw .noRank(adapter.path, method: adapter.method)
      }
      return
    }
    guard adapter.updates.contains(where: { $0.factors != nil }) else {
      throw adapter.updates.contains(where: \.needsBase)
        ? .unsupported(
          adapter.path, what: "\(adapter.method.rawValue), whose change depends on the base",
          advice: "name the base with --base")
        : .noRank(adapter.path, method: adapter.method)
    }
    let admitted = adapter.updates.filter { filter.admits(TensorName($0.target.description)) }
    let updates = admitted.filter { $0.factors != nil }
    others = admitted.filter { $0.factors == nil }.map(\.target)
    let results = Results<Row>(count: updates.count)
    try execution.workers.perform(jobs: updates.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let update = updates[number]
      results[number] = try Self.row(of: update, weight: nil, execution)
      execution.progress(update.tensors.reduce(0) { $0 + $1.info.byteCount })
    }
    rows = results.values
  }

  /// The row of a change that has factors.
  static func row(
    of update: WeightUpdate, weight: StoredTensor?, _ execution: Execution
  ) throws(AdapterError) -> Row {
    guard let factors = update.factors else { preconditionFailure("the update has factors") }
    let core = try factors.decomposition(of: update.target, form: execution.form)
    let spectrum = try core.spectrum(of: update.target)
    let norm = try weight.map { weight throws(AdapterError) in try Self.norm(of: weight, execution)
    }
    return Row(
      target: update.target, extents: factors.productExtents, paidRank: factors.rank,
      usedRank: spectrum.values.count { $0 > core.noiseFloor }, spectrum: spectrum,
      hasMagnitudes: update.hasMagnitudes, dependsOnBase: false, baseNorm: norm ?? nil)
  }
}

extension WeightUpdate {
  /// Whether what it does is known only beside a base: its effect, or its very form.
  fileprivate var needsBase: Bool {
    if case .delta(.open) = change { return true }
    return dependsOnBase
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
