internal import Compute
internal import Parallel
internal import Tensors

extension SpectrumInspection {
  /// What an adapter does to one tensor of a base, before it is factorised.
  struct BoundChange: Sendable {
    let target: TargetParameter
    let tensor: PlannedTensor
    /// The tensor of the base.
    let weight: StoredTensor

    /// The update, where it is one and has factors that are the same on any base.
    var additive: WeightUpdate? {
      guard tensor.contributions.count == 1, let update = tensor.contributions.first?.update,
        case .delta = update.change, update.factors != nil
      else { return nil }
      return update
    }

    /// Nil where the tensor is new, and where its change is no matrix to decompose: of vectors, of
    /// several matrices in one, of rows or all of an embedding.
    init?(_ tensor: PlannedTensor, of base: Checkpoint) {
      guard let first = tensor.contributions.first, let source = tensor.source else { return nil }
      self.tensor = tensor
      target = first.update.target
      weight = StoredTensor(source.info, in: base.shards[source.shard])
      if additive != nil { return }
      guard case .matrix = TensorRole(of: source.info, in: base), source.info.shape == tensor.shape
      else { return nil }
    }
  }

  /// The rows of what an adapter makes of a base, and the targets of which there are none: from
  /// factors where there are such, else from the change W' − W itself, which is formed.
  static func rows(
    of adapter: Adapter, on base: Checkpoint, _ filter: NameFilter, _ execution: Execution
  ) throws(AdapterError) -> (rows: [Row], others: [TargetParameter]) {
    // Of a quantised base, the weights that training saw.
    let base = try base.dequantised(form: execution.form)
    let side = try EffectiveSide(adapter, at: base, execution: execution)
    var changes: [BoundChange] = []
    var others: [TargetParameter] = []
    for tensor in side.tensors.values {
      guard let target = tensor.contributions.first?.update.target,
        filter.admits(TensorName(target.description))
      else { continue }
      if let change = BoundChange(tensor, of: base) {
        changes.append(change)
      } else {
        others.append(target)
      }
    }
    changes.sort { $0.target < $1.target }
    let sorted = changes
    let results = Results<Row>(count: sorted.count)
    let gate = LargeMatrices()
    try execution.workers.perform(jobs: sorted.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let change = sorted[number]
      if let update = change.additive {
        results[number] = try row(of: update, weight: change.weight, execution)
      } else {
        let size = TensorPair(old: change.weight, new: change.weight).asTuned
        results[number] = try gate.taking(size) { () throws(AdapterError) in
          try row(of: change, by: side, execution)
        }
      }
      for contribution in change.tensor.contributions {
        execution.progress(contribution.update.tensors.reduce(0) { $0 + $1.info.byteCount })
      }
    }
    return (results.values, others.sorted())
  }

  /// The row of a change that is formed.
  private static func row(
    of change: BoundChange, by side: EffectiveSide, _ execution: Execution
  ) throws(AdapterError) -> Row {
    let norm = try Self.norm(of: change.weight, execution)
    guard let matrix = try side.change(of: change.tensor.name, execution.form) else {
      preconditionFailure("the side changes the tensor")
    }
    let whole: WholeSpectrum
    do { whole = try WholeSpectrum(of: matrix) } catch { throw .notFactorised(change.target) }
    let spectrum = Spectrum(whole.values)
    // Every entry of W' − W is computed in Float, from numbers as large as W's and its own.
    let rounding = 0x1p-23 * (spectrum.frobeniusNorm + (norm ?? 0))
    let ranks = change.tensor.contributions.compactMap(\.update.factors?.rank)
    return Row(
      target: change.target, extents: (matrix.rows, matrix.columns),
      paidRank: ranks.isEmpty ? nil : ranks.reduce(0, +),
      usedRank: spectrum.values.count { $0 > max(rounding, whole.error(of: $0)) },
      spectrum: spectrum, hasMagnitudes: false,
      dependsOnBase: change.tensor.contributions.contains {
        $0.update.delta == nil || $0.update.dependsOnBase
      },
      baseNorm: norm)
  }

  /// ‖W‖_F; nil where the weight's type is only carried.
  static func norm(
    of weight: StoredTensor, _ execution: Execution
  ) throws(AdapterError) -> Double? {
    try UpdatePair.norms(weight, weight, execution: execution)?.old
  }
}
