internal import Compute
internal import Files
internal import Parallel
internal import Synchronization
internal import Tensors

/// The comparison of one tensor of a merged model with what a plan gives.
struct TensorComparison: Sendable {
  let tensor: PlannedTensor
  let place: Checkpoint.Place
  let verification: Verification
  let magnitudes: [MagnitudeFactors?]
  let execution: Execution

  /// Whether an untouched tensor has the base's bytes.
  func equalsBase() throws(AdapterError) -> Bool {
    let differs = Mutex(false)
    try forEachJob { job, scratch throws(AdapterError) in
      try readBase(job.range, width: 1, into: &scratch.source)
      try readMerged(job.range, width: 1, into: &scratch.target)
      let count = job.range.count
      if scratch.source[..<count] != scratch.target[..<count] { differs.withLock { $0 = true } }
      execution.progress(count)
    }
    return !differs.withLock { $0 }
  }

  /// How the merged elements may have come about.
  struct Arithmetic: Hashable {
    /// Whether the adapters are added one after the other, the sum rounded each time.
    var isSequential = false
    /// The type that deltas are rounded to before they are added; nil for no such rounding.
    var deltaRounding: DType?

    /// This program's own.
    static let plain = Arithmetic()
  }

  /// How far the merged elements lie from those of the plan, by some arithmetic.
  func distance(_ arithmetic: Arithmetic) throws(AdapterError) -> Distance {
    let steps = try steps(arithmetic)
    let total = Mutex(Distance())
    try forEachJob { job, scratch throws(AdapterError) in
      try merge(job, steps, &scratch)
      let width = tensor.dtype.elementByteCount
      try readMerged(job.range, width: width, into: &scratch.predicted)
      var distance = Distance()
      distance.add(
        expected: scratch.target, actual: scratch.predicted, type: tensor.dtype,
        count: job.range.count, tolerance: verification.tolerance)
      total.withLock { $0.add(distance) }
      execution.progress(arithmetic == .plain ? job.range.count * width : 0)
    }
    return total.withLock { $0 }
  }

  /// What elements are that lie at this distance from what one rounding gives.
  ///
  /// Another tool's rounding is named where it brings every element within the tolerance; if one
  /// rounding does so, too, then only where more than one element in a thousand is off and the
  /// other rounding leaves less than half of them.
  func verdict(after plain: Distance) throws(AdapterError) -> VerificationReport.Verdict {
    if tensor.contributions.isEmpty { return plain.beyondCount == 0 ? within(plain) : .altered }
    let isWithin = plain.beyondCount == 0
    if isWithin, let verdict = try coarseVerdict() { return verdict }
    var best: (rounding: VerificationReport.ExplainedRounding, offCount: Int)?
    if !isWithin || plain.offCount * 1000 > tensor.shape.elementCount {
      for (arithmetic, rounding) in otherRoundings {
        let distance = try distance(arithmetic)
        guard distance.beyondCount == 0, distance.offCount < best?.offCount ?? .max else {
          continue
        }
        best = (rounding, distance.offCount)
        if distance.offCount == 0 { break }
      }
    }
    if let best, !isWithin || best.offCount * 2 < plain.offCount {
      return .explained(by: best.rounding)
    }
    if isWithin { return within(plain) }
    return try isOtherOrder() ? .explained(by: .otherOrder) : try scale()
  }

  /// What the tolerance would hide: values that were to take the base's place and differ from the
  /// adapter's, and a change so small that the base's own values lie within it.
  private func coarseVerdict() throws(AdapterError) -> VerificationReport.Verdict? {
    let changes = try changes()
    if changes.actualSquares == 0, changes.intendedSquares > 0 { return .unchanged }
    return tensor.isSubstituted && tensor.productDepth == 0 ? .wrong : nil
  }

  /// Whether the differences are those of sums of single precision in another order: at most
  /// (rank + 2) · 2⁻²⁴ of what was added, bounded by the largest entries.
  private func isOtherOrder() throws(AdapterError) -> Bool {
    guard tensor.dtype == .f32, !tensor.isSubstituted else { return false }
    let steps = try steps(.plain)
    let extremes = Mutex((difference: Float(0), magnitude: Float(0)))
    try forEachJob { job, scratch throws(AdapterError) in
      try merge(job, steps, &scratch)
      try readMerged(job.range, width: 4, into: &scratch.predicted)
      let count = job.range.count * 4
      let planned = Conversion.floats(
        Array(scratch.target[..<count]), of: .f32, form: execution.form)
      let found = Conversion.floats(
        Array(scratch.predicted[..<count]), of: .f32, form: execution.form)
      var own = (difference: Float(0), magnitude: Float(0))
      for (a, b) in zip(planned, found) where a.isFinite || b.isFinite {
        own.difference = max(own.difference, abs(a - b).isNaN ? .infinity : abs(a - b))
        own.magnitude = max(own.magnitude, abs(a))
      }
      extremes.withLock {
        $0.difference = max($0.difference, own.difference)
        $0.magnitude = max($0.magnitude, own.magnitude)
      }
    }
    let (difference, magnitude) = extremes.withLock { $0 }
    return difference <= Float(tensor.productDepth + 2) * 0x1p-24 * magnitude
  }

  private func within(_ distance: Distance) -> VerificationReport.Verdict {
    .within(ulps: distance.largest)
  }

  /// The arithmetic of other tools, as far as it differs for this tensor.
  private var otherRoundings: [(Arithmetic, VerificationReport.ExplainedRounding)] {
    var roundings: [(Arithmetic, VerificationReport.ExplainedRounding)] = []
    let isNarrow = tensor.dtype.bitWidth == 16
    if isNarrow {
      roundings.append((.init(deltaRounding: tensor.dtype), .deltaRoundedToOutput))
    }
    let types = Set(tensor.contributions.flatMap(\.update.tensors).map(\.dtype))
    for dtype in types.sorted(by: { $0.rawValue < $1.rawValue })
    where dtype.bitWidth == 16 && dtype != tensor.dtype {
      roundings.append((.init(deltaRounding: dtype), .deltaRoundedToAdapter))
    }
    guard tensor.contributions.count > 1, !tensor.isSubstituted else { return roundings }
    roundings.append((.init(isSequential: true), .oneAfterAnother))
    if isNarrow {
      roundings.append(
        (.init(isSequential: true, deltaRounding: tensor.dtype), .oneAfterAnotherRounded))
    }
    return roundings
  }

  /// The merged change against the intended one: unchanged, a multiple of it, or neither.
  private func scale() throws(AdapterError) -> VerificationReport.Verdict {
    guard tensor.source != nil, !tensor.isSubstituted, tensor.isAdditive else {
      return .wrong
    }
    let total = try changes()
    if total.actualSquares == 0 { return .unchanged }
    let factor = total.dot / total.intendedSquares
    guard factor.isFinite, abs(factor - 1) > 0.001 else { return .wrong }
    // A merge at that scale must then give what is there. The factor is an estimate, so that a few
    // elements round to the other side.
    let rest = try scaled(by: factor).squaredError()
    return rest <= 0.001 * total.actualSquares ? .scaled(by: factor) : .wrong
  }

  /// The merged model's change of the base's elements against the planned one.
  private func changes() throws(AdapterError) -> ChangeSums {
    guard let source = tensor.source else { return ChangeSums() }
    let steps = try steps(.plain)
    let sums = Mutex(ChangeSums())
    try forEachJob { job, scratch throws(AdapterError) in
      try merge(job, steps, &scratch)
      try readMerged(job.range, width: tensor.dtype.elementByteCount, into: &scratch.predicted)
      let own = ChangeSums(
        base: scratch.source, baseType: source.info.dtype, intended: scratch.target,
        actual: scratch.predicted, type: tensor.dtype,
        count: job.range.clamped(to: 0..<tensor.sourceElementCount).count, form: execution.form)
      sums.withLock { $0.add(own) }
    }
    return sums.withLock { $0 }
  }

  /// Σ (merged − planned)².
  private func squaredError() throws(AdapterError) -> Double {
    let steps = try steps(.plain)
    let sums = Mutex(ChangeSums())
    try forEachJob { job, scratch throws(AdapterError) in
      try merge(job, steps, &scratch)
      try readMerged(job.range, width: tensor.dtype.elementByteCount, into: &scratch.predicted)
      let own = ChangeSums(
        base: scratch.target, baseType: tensor.dtype, intended: scratch.target,
        actual: scratch.predicted, type: tensor.dtype, count: job.range.count, form: execution.form)
      sums.withLock { $0.add(own) }
    }
    return sums.withLock { $0 }.actualSquares
  }

  /// The same comparison with every adapter's weight multiplied.
  private func scaled(by factor: Double) -> TensorComparison {
    let scaled = PlannedTensor(
      name: tensor.name, source: tensor.source, isNew: tensor.isNew, dtype: tensor.dtype,
      shape: tensor.shape,
      contributions: tensor.contributions.map {
        .init(
          adapter: $0.adapter, weight: $0.weight * factor, update: $0.update,
          isTransposed: $0.isTransposed)
      })
    return TensorComparison(
      tensor: scaled, place: place, verification: verification, magnitudes: magnitudes,
      execution: execution)
  }

  /// The computations whose outcomes follow from one another; one of them, or one an adapter.
  private func steps(_ arithmetic: Arithmetic) throws(AdapterError) -> [TensorComputation] {
    guard arithmetic.isSequential, let source = tensor.source else {
      return [try step(tensor, magnitudes, arithmetic)]
    }
    var steps: [TensorComputation] = []
    for (contribution, magnitude) in zip(tensor.contributions, magnitudes) {
      // What the step before has left has the output's type.
      let info = TensorInfo(
        name: source.info.name, dtype: steps.isEmpty ? source.info.dtype : tensor.dtype,
        shape: source.info.shape, byteOffset: source.info.byteOffset,
        byteCount: source.info.byteCount)
      let part = PlannedTensor(
        name: tensor.name, source: .init(shard: source.shard, info: info), isNew: tensor.isNew,
        dtype: tensor.dtype, shape: tensor.shape, contributions: [contribution])
      steps.append(try step(part, [magnitude], arithmetic))
    }
    return steps
  }

  private func step(
    _ tensor: PlannedTensor, _ magnitudes: [MagnitudeFactors?], _ arithmetic: Arithmetic
  ) throws(AdapterError) -> TensorComputation {
    var update = try TensorUpdate(
      tensor, magnitudes: magnitudes, options: verification.plan.options, form: execution.form)
    if let dtype = arithmetic.deltaRounding { update = update.roundingDelta(to: dtype) }
    return TensorComputation(
      tensor: tensor, update: update,
      origin: tensor.source.map {
        StoredTensor($0.info, in: verification.plan.base.shards[$0.shard])
      }, form: execution.form)
  }

  private func merge(
    _ job: TensorJob, _ steps: [TensorComputation], _ scratch: inout Scratch
  ) throws(AdapterError) {
    let range = job.range.clamped(to: 0..<tensor.sourceElementCount)
    try readBase(
      range, width: tensor.source?.info.dtype.elementByteCount ?? 1, into: &scratch.source)
    for (number, step) in steps.enumerated() {
      if number > 0 { swap(&scratch.source, &scratch.target) }
      _ = try step.merge(
        job.range, sourceCount: range.count, scratch: &scratch, corrects: false)
    }
  }

  private func forEachJob(
    _ body: @Sendable (TensorJob, inout Scratch) throws(AdapterError) -> Void
  ) throws(AdapterError) {
    // A replacement may have fewer elements than the base.
    let jobs = TensorJob.jobs(of: tensor, at: 0).map {
      TensorJob(tensor: 0, range: $0.range.clamped(to: 0..<tensor.targetUnitCount))
    }
    try execution.workers.perform(jobs: jobs.count, scratch: { Scratch() }) {
      number, scratch throws(AdapterError) in
      try execution.interruption.check()
      try body(jobs[number], &scratch)
    }
  }

  private func readBase(
    _ range: Range<Int>, width: Int, into buffer: inout [UInt8]
  ) throws(AdapterError) {
    guard let source = tensor.source else { return }
    try Self.read(
      verification.plan.base.shards[source.shard], source.info, range, width, into: &buffer)
  }

  private func readMerged(
    _ range: Range<Int>, width: Int, into buffer: inout [UInt8]
  ) throws(AdapterError) {
    try Self.read(
      verification.merged.shards[place.shard], place.info, range, width, into: &buffer)
  }

  private static func read(
    _ file: TensorFile, _ info: TensorInfo, _ range: Range<Int>, _ width: Int,
    into buffer: inout [UInt8]
  ) throws(AdapterError) {
    Scratch.resize(&buffer, to: range.count * width)
    do throws(FileError) {
      try file.reader.read(
        at: info.byteOffset + range.lowerBound * width, count: range.count * width, into: &buffer)
    } catch { throw .file(error) }
  }
}
