internal import Compute
internal import Files
internal import Parallel
internal import Synchronization
public import Tensors

/// A check of a merged model, from whatever tool, against base and adapters; writes nothing.
public struct Verification: Sendable {
  /// The plan that the merged model should be the outcome of.
  public let plan: MergePlan
  /// The merged model.
  public let merged: Checkpoint
  /// The largest distance in representable numbers that counts as right.
  public let tolerance: UInt64

  /// Plans the merge again, with the choices that the merged model shows: whether its output head
  /// has a tensor of its own.
  public init(
    of merged: Checkpoint, base: Checkpoint, adapters: [WeightedAdapter], options: MergeOptions,
    tolerance: UInt64
  ) throws(AdapterError) {
    var options = options
    if let tied = base.tiedHead, merged[tied.head] == nil { options.tied = .share }
    plan = try MergePlan(base: base, adapters: adapters, options: options)
    self.merged = merged
    self.tolerance = tolerance
  }

  /// Compares every tensor.
  public func report(execution: Execution = Execution()) throws(AdapterError) -> VerificationReport
  {
    let tensors = plan.tensors
    let magnitudes = try MergeRun.measureMagnitudes(tensors, plan: plan, execution: execution)
    let findings = Results<VerificationReport.Finding>(count: tensors.count)
    for (position, tensor) in tensors.enumerated() {
      findings[position] = try finding(
        tensor,
        magnitudes: magnitudes[position]
          ?? Array(repeating: nil, count: tensor.contributions.count), execution: execution)
    }
    let known = Set(tensors.map(\.name))
    let strangers = merged.names.filter { !known.contains($0) }.map {
      VerificationReport.Finding(
        name: $0, verdict: .unexpected, distance: Distance(), isTouched: false)
    }
    return VerificationReport(tolerance: tolerance, findings: findings.values + strangers)
  }

  private func finding(
    _ planned: PlannedTensor, magnitudes: [MagnitudeFactors?], execution: Execution
  ) throws(AdapterError) -> VerificationReport.Finding {
    func finding(
      _ verdict: VerificationReport.Verdict, _ distance: Distance = Distance()
    ) -> VerificationReport.Finding {
      .init(
        name: planned.name, verdict: verdict, distance: distance,
        isTouched: !planned.contributions.isEmpty)
    }
    guard let place = merged[planned.name] else { return finding(.missing) }
    if place.info.strides != nil { throw .stridedBase(merged.path, planned.name) }
    guard place.info.shape == planned.shape else { return finding(.misshapen(place.info.shape)) }
    guard
      place.info.dtype == planned.dtype || (place.info.dtype.isComputed && planned.dtype.isComputed)
    else { return finding(.altered) }
    // The merged model's own type is the one to round to.
    let tensor = PlannedTensor(
      name: planned.name, source: planned.source, isNew: planned.isNew, dtype: place.info.dtype,
      shape: planned.shape, contributions: planned.contributions)
    let comparison = TensorComparison(
      tensor: tensor, place: place, verification: self, magnitudes: magnitudes,
      execution: execution)
    guard tensor.isComputed else {
      return finding(try comparison.equalsBase() ? .exact : .altered)
    }
    let distance = try comparison.distance(.plain)
    if distance.offCount == 0 { return finding(.exact, distance) }
    return finding(try comparison.verdict(after: distance), distance)
  }
}
