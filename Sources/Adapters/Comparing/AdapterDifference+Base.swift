internal import Compute
internal import Parallel
public import Tensors

extension AdapterDifference {
  /// Compares what two sides make of one base: adapters of any methods, and fine-tuned models.
  ///
  /// Changes are W' − W before rounding. Two that both have factors are measured from those; of others
  /// the change itself is formed, a tensor for each thread at a time, of large ones one at all. Throws where a side does not fit
  /// the base, and where a value is not finite.
  public init(
    from old: ComparedSide, to new: ComparedSide, at base: Checkpoint,
    measuring measures: DifferenceMeasures = .init(), execution: Execution = Execution()
  ) throws(AdapterError) {
    // Of a quantised base, the weights that training saw.
    let base = try base.dequantised(form: execution.form)
    let sides = (
      try EffectiveSide(old, at: base, execution: execution),
      try EffectiveSide(new, at: base, execution: execution)
    )
    let names = Set(sides.0.tensors.keys).union(sides.1.tensors.keys).sorted()
    let results = Results<UpdateDifference?>(count: names.count)
    let gate = LargeMatrices()
    try execution.workers.perform(jobs: names.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let pair = EffectivePair(name: names[number], old: sides.0, new: sides.1, base: base)
      results[number] = try gate.taking(pair.asTuned) { () throws(AdapterError) in
        try pair.difference(measures, execution)
      }
    }
    self.init(
      // An adapter's settings and a model's have nothing to do with one another.
      configuration: (old.adapter == nil) == (new.adapter == nil)
        ? ConfigurationChange.changes(from: old.configuration, to: new.configuration) : [],
      updates: results.values.compactMap { $0 },
      tensors: try TensorDifference(from: old.files, to: new.files, execution: execution))
  }
}

/// What two sides make of one tensor of a base, before it is measured.
struct EffectivePair {
  let name: TensorName
  let old: EffectiveSide
  let new: EffectiveSide
  let base: Checkpoint

  /// The base's tensor, as it stands for the size of the work; nil where the tensor is new.
  var asTuned: TunedTensor? {
    base[name].map { place in
      let stored = StoredTensor(place.info, in: base.shards[place.shard])
      return TensorPair(old: stored, new: stored).asTuned
    }
  }

  /// Measures the two; nil where neither changes the tensor.
  func difference(
    _ wanted: DifferenceMeasures, _ execution: Execution
  ) throws(AdapterError) -> UpdateDifference? {
    let isOld = try changes(old, execution)
    let isNew = try changes(new, execution)
    guard isOld || isNew else { return nil }
    let target = TargetParameter(name)
    do {
      let measures = try self.measures(isOld: isOld, isNew: isNew, wanted, execution)
      return UpdateDifference(
        target: target, old: isOld ? old.row(of: name) : nil, new: isNew ? new.row(of: name) : nil,
        coverage: isOld && isNew ? .whole : .oneSide, measures: measures, magnitudes: nil,
        isIdentical: measures.norms[.frobenius]?.distance == 0,
        baseNorms: try baseNorms(wanted, execution.form))
    } catch let error as ComputeError {
      throw .notMeasured(target, error)
    } catch let error as AdapterError {
      throw error
    } catch { preconditionFailure("measuring throws these two errors only") }
  }

  private func measures(
    isOld: Bool, isNew: Bool, _ wanted: DifferenceMeasures, _ execution: Execution
  ) throws -> PairMeasures {
    let form = execution.form
    let before = isOld ? try old.factors(of: name, form) : nil
    let after = isNew ? try new.factors(of: name, form) : nil
    if (before != nil) == isOld, (after != nil) == isNew,
      before == nil || after == nil || before?.extents == after?.extents
    {
      return try PairMeasures(from: before, to: after, measures: wanted)
    }
    let (earlier, later) = (
      isOld ? try old.change(of: name, form) : nil, isNew ? try new.change(of: name, form) : nil
    )
    if let earlier, let later, let one = old.tensors[name], let other = new.tensors[name],
      earlier.rows != later.rows || earlier.columns != later.columns
    {
      throw AdapterError.shapeMismatch(
        adapter: base.path, target: TargetParameter(name), base: name, baseShape: one.shape,
        deltaShape: other.shape)
    }
    return try PairMeasures(denseFrom: earlier, to: later, measures: wanted, name: name.text)
  }

  /// Whether a side changes the tensor: a model may have the base's own bytes.
  private func changes(_ side: EffectiveSide, _ execution: Execution) throws(AdapterError) -> Bool {
    guard side.tensors[name] != nil else { return false }
    guard let pair = side.replacement(of: name) else { return true }
    return try !pair.finding(execution: execution).isIdentical
  }

  private func baseNorms(_ wanted: DifferenceMeasures, _ form: KernelForm) throws -> [MatrixNorm:
    Double]
  {
    guard let place = base[name] else { return [:] }
    let weight = try StoredTensor(place.info, in: base.shards[place.shard]).wholeMatrix(form: form)
    var norms: [MatrixNorm: Double] = [:]
    for norm in wanted.norms.union([.frobenius]) {
      norms[norm] = try PairMeasures.norm(norm, of: weight, name: name.text).value
    }
    return norms
  }
}

extension ScaledFactors {
  fileprivate var extents: [Int] { [left.rows, right.columns] }
}
