public import Compute
internal import JSON
internal import Parallel
internal import Tensors

/// Two adapters compared: their settings, their updates, their tensors.
///
/// Norms of low-rank updates come from their factors (`FactorDistance`, `FactorPair`): the change of a
/// weight is never formed, and memory is a module's factors for each thread. Replaced weights are read a piece
/// at a time. The result is the same for any number of threads.
public struct AdapterDifference: Sendable {
  /// The settings that differ.
  public let configuration: [ConfigurationChange]
  /// Every update of either side, by target.
  public let updates: [UpdateDifference]
  /// Every tensor of either side, by name.
  public let tensors: TensorDifference

  init(
    configuration: [ConfigurationChange], updates: [UpdateDifference], tensors: TensorDifference
  ) {
    self.configuration = configuration
    self.updates = updates
    self.tensors = tensors
  }

  /// Compares an adapter with a later one; nil stands for no adapter at all.
  public init(
    from old: Adapter?, to new: Adapter?, measuring measures: DifferenceMeasures = .init(),
    execution: Execution = Execution()
  ) throws(AdapterError) {
    configuration = ConfigurationChange.changes(
      from: old?.configuration, to: new?.configuration)
    let pairs = UpdatePair.pairs(old?.updates ?? [], new?.updates ?? [])
    let results = Results<UpdateDifference>(count: pairs.count)
    try execution.workers.perform(jobs: pairs.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      results[number] = try pairs[number].difference(measures, execution)
      execution.progress(pairs[number].byteCount)
    }
    updates = results.values
    tensors = try TensorDifference(
      from: [old?.file].compactMap { $0 }, to: [new?.file].compactMap { $0 }, execution: execution)
  }

  /// Whether nothing differs: neither a setting nor a bit of a tensor.
  public var isEmpty: Bool { configuration.isEmpty && tensors.changed.isEmpty }

  /// The updates that are not the same on both sides.
  public var changedUpdates: [UpdateDifference] { updates.filter { !$0.isIdentical } }

  /// The updates whose change is known: additive ones, and all where a base was named.
  public var additiveUpdates: [UpdateDifference] {
    updates.filter { update in
      update.baseNorms != nil
        || [update.old, update.new].compactMap { $0 }.allSatisfy { $0.kind == "delta" }
    }
  }

  /// ‖·‖ over all additive updates together, one that is missing counting as zero; nil where one of
  /// them could not be measured.
  public func totalNorms(_ norm: MatrixNorm = .frobenius) -> DifferenceNorms? {
    let additive = additiveUpdates
    let norms = additive.compactMap { $0.norms(norm) }
    return norms.count == additive.count ? DifferenceNorms(together: norms, in: norm) : nil
  }

  /// The cosine of the additive updates that both sides have, taken together.
  public var totalCosine: Double? {
    PairMeasures.cosine(of: additiveUpdates.compactMap(\.measures))
  }

  /// ‖·‖ over all of DoRA's magnitudes that both sides have; nil where there are none.
  public var totalMagnitudes: DifferenceNorms? {
    DifferenceNorms(together: updates.compactMap(\.magnitudes), in: .frobenius)
  }
}

extension Adapter {
  /// The configuration as a document; nil where there is none.
  fileprivate var configuration: JSONValue? { try? JSONValue(parsing: configBytes) }
}
