public import Compute
internal import Files
public import Tensors

/// A base with adapters laid over it, tensor by tensor: what a merge would compute, before it is
/// rounded to the base's type, and without anything being written.
public struct AdaptedModel: Sendable {
  /// The base.
  public let base: Checkpoint
  /// What the adapters do to it; nil for the base by itself.
  public let plan: MergePlan?
  /// The tensors that the adapters change, and those that stand for themselves because of them: a
  /// head that is untied.
  private let changed: [TensorName: PlannedTensor]

  /// The base as it is.
  public init(base: Checkpoint) {
    self.base = base
    plan = nil
    changed = [:]
  }

  /// A base with adapters, bound as a merge binds them; throws what `MergePlan` throws.
  public init(base: Checkpoint, adapters: [WeightedAdapter]) throws(AdapterError) {
    var options = MergeOptions()
    options.dtype = .f32
    options.writesResidual = false
    options.writesReceipt = false
    let plan = try MergePlan(base: base, adapters: adapters, options: options)
    // The plan's, which is dequantised where the base is quantised.
    self.base = plan.base
    self.plan = plan
    changed = Dictionary(
      plan.tensors.filter { $0.isNew || !$0.contributions.isEmpty }.map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The names of the model's tensors, sorted: the base's, and what adapters bring besides.
  public var names: [TensorName] {
    Set(base.names).union(changed.keys).sorted()
  }

  /// How many tensors the adapters change or bring.
  public var changedCount: Int { changed.values.count { !$0.contributions.isEmpty } }

  /// One tensor of the model; nil where it has none of the name.
  public func tensor(
    _ name: TensorName, execution: Execution
  ) throws(AdapterError) -> AdaptedTensor? {
    guard let planned = changed[name] else {
      guard let place = base[name] else { return nil }
      return .stored(StoredTensor(place.info, in: base.shards[place.shard]))
    }
    if planned.contributions.isEmpty, let source = planned.source {
      return .stored(StoredTensor(source.info, in: base.shards[source.shard]))
    }
    if let source = planned.source, source.info.shape == planned.shape,
      let terms = planned.lowRankTerms
    {
      let factors = try DeltaFactors(terms, form: execution.form)
      return .factored(
        StoredTensor(source.info, in: base.shards[source.shard]), left: factors.left,
        right: factors.right)
    }
    return .dense(planned.shape, try dense(planned, execution))
  }

  /// All elements of a changed tensor, computed as a merge to F32 computes them.
  private func dense(
    _ tensor: PlannedTensor, _ execution: Execution
  ) throws(AdapterError) -> [Float] {
    guard let plan else { preconditionFailure("only a plan changes tensors") }
    let magnitudes = try MergeRun.measureMagnitudes([tensor], plan: plan, execution: execution)[0]
    let source = tensor.source.map { StoredTensor($0.info, in: base.shards[$0.shard]) }
    let computation = TensorComputation(
      tensor: tensor,
      update: try TensorUpdate(
        tensor,
        magnitudes: magnitudes ?? Array(repeating: nil, count: tensor.contributions.count),
        options: plan.options, form: execution.form),
      origin: source, form: execution.form)
    var scratch = Scratch()
    var elements: [Float] = []
    elements.reserveCapacity(tensor.shape.elementCount)
    for job in TensorJob.jobs(of: tensor, at: 0) {
      try execution.interruption.check()
      let wanted = job.range.clamped(to: 0..<tensor.shape.elementCount)
      let present = job.range.clamped(to: 0..<tensor.sourceElementCount)
      if let source {
        let width = source.dtype.elementByteCount
        do {
          scratch.source = try source.file.reader.bytes(
            at: source.info.byteOffset + present.lowerBound * width, count: present.count * width)
        } catch { throw .file(error) }
      }
      _ = try computation.merge(
        wanted, sourceCount: present.count, scratch: &scratch, corrects: false)
      elements += Conversion.floats(
        Array(scratch.target[..<(wanted.count * tensor.dtype.elementByteCount)]),
        of: tensor.dtype, form: execution.form)
    }
    return elements
  }
}

/// A tensor of a base with adapters, in the form it is computed with.
public enum AdaptedTensor: Sendable {
  /// The base's own, untouched.
  case stored(StoredTensor)
  /// The base's own with left · right to be added: left `[rows, rank]`, right `[rank, columns]` of
  /// the tensor as a matrix, scaled and stacked over the adapters.
  case factored(StoredTensor, left: Matrix, right: Matrix)
  /// The sum itself.
  case dense(Shape, [Float])
}

extension PlannedTensor {
  /// What the adapters add, where all of them add low-rank products and do nothing else.
  fileprivate var lowRankTerms: [DeltaFactors.Term]? {
    var terms: [DeltaFactors.Term] = []
    for contribution in contributions {
      guard case .delta(.lowRank(let factors)) = contribution.update.change else { return nil }
      terms.append(
        .init(
          factors: factors, weight: contribution.weight, isTransposed: contribution.isTransposed,
          rowFactors: nil))
    }
    return terms.isEmpty ? nil : terms
  }
}
