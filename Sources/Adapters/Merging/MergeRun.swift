public import Compute
internal import Files
internal import Parallel
public import Tensors

/// One streaming pass over a plan: reads every tensor of the base once, writes every tensor of the
/// output once, and takes digests, corrections and sums on the way.
final class MergeRun: Sendable {
  let plan: MergePlan
  let execution: Execution
  private let tensors: [PlannedTensor]
  private let jobs: [TensorJob]
  private let states: [TensorState]
  private let places: [OutputPlace]
  private let queue = WriteQueue()
  private let residual: ResidualWriter?
  private let magnitudes: [Int: [MagnitudeFactors?]]
  /// The positions of the tensors that have corrections, by position in the plan.
  private let residualPositions: [Int: Int]

  init(
    _ plan: MergePlan, writers: [FileWriter], residualPath: Path?, execution: Execution
  ) throws(AdapterError) {
    self.plan = plan
    self.execution = execution
    let tensors = plan.tensors
    self.tensors = tensors
    jobs = tensors.enumerated().flatMap { TensorJob.jobs(of: $1, at: $0) }
    places = OutputPlace.all(of: plan.layout, writers: writers)
    let corrected = tensors.indices.filter { tensors[$0].isCorrected }
    residualPositions = Dictionary(
      uniqueKeysWithValues: corrected.enumerated().map { ($1, $0) })
    var jobCounts = [Int](repeating: 0, count: tensors.count)
    for job in jobs { jobCounts[job.tensor] += 1 }
    states = zip(tensors, jobCounts).map { tensor, count in
      TensorState(tensor, jobs: count)
    }
    if let residualPath {
      do {
        residual = try ResidualWriter(
          creating: residualPath,
          tensors: corrected.map { (plan.tensors[$0].name, plan.tensors[$0].sourceElementCount) })
      } catch { throw .file(error) }
    } else {
      residual = nil
    }
    magnitudes = try Self.measureMagnitudes(tensors, plan: plan, execution: execution)
  }

  /// The factors of every contribution with magnitudes, by tensor.
  ///
  /// This reads those tensors once more than the pass does: a norm is known only when its whole row
  /// or column has been seen.
  static func measureMagnitudes(
    _ tensors: [PlannedTensor], plan: MergePlan, execution: Execution
  ) throws(AdapterError) -> [Int: [MagnitudeFactors?]] {
    var measured: [Int: [MagnitudeFactors?]] = [:]
    for (position, tensor) in tensors.enumerated() where tensor.hasMagnitudes {
      guard let source = tensor.source else { continue }
      let base = StoredTensor(source.info, in: plan.base.shards[source.shard])
      var factors: [MagnitudeFactors?] = []
      for contribution in tensor.contributions {
        try execution.interruption.check()
        guard case .magnitude = contribution.update.change else {
          factors.append(nil)
          continue
        }
        factors.append(
          try MagnitudeFactors(
            of: contribution, base: base, form: execution.form, workers: execution.workers))
      }
      measured[position] = factors
    }
    return measured
  }

  /// Runs all jobs and completes the residual.
  func perform() throws(AdapterError) {
    try execution.workers.perform(jobs: jobs.count, scratch: { Scratch() }) {
      number, scratch throws(AdapterError) in
      try self.execution.interruption.check()
      try self.perform(self.jobs[number], &scratch)
    } finish: { scratch throws(AdapterError) in
      do throws(FileError) { try self.queue.flush(&scratch.held) } catch { throw .file(error) }
    }
    do { try residual?.close() } catch { throw .file(error) }
  }

  private func perform(_ job: TensorJob, _ scratch: inout Scratch) throws(AdapterError) {
    let tensor = tensors[job.tensor]
    let state = states[job.tensor]
    let sourceWidth = tensor.isComputed ? tensor.source?.info.dtype.elementByteCount ?? 0 : 1
    let targetWidth = tensor.isComputed ? tensor.dtype.elementByteCount : 1
    let sourceRange = job.range.clamped(to: 0..<tensor.sourceUnitCount)
    let targetRange = job.range.clamped(to: 0..<tensor.targetUnitCount)
    try read(tensor, sourceRange, width: sourceWidth, into: &scratch.source)
    if plan.options.writesReceipt {
      keepDigests(
        scratch.source, count: sourceRange.count * sourceWidth, before: true, job,
        width: sourceWidth)
    }
    if tensor.isComputed {
      let computation = try state.computation { () throws(AdapterError) in
        try self.loadComputation(job.tensor)
      }
      let sums = try computation.merge(
        targetRange, sourceCount: sourceRange.count, scratch: &scratch,
        corrects: residual != nil && tensor.isCorrected)
      try checkOverflow(sums, of: tensor)
      state.keep(sums, from: job.range.lowerBound)
      try writeCorrections(job, sourceRange, scratch: scratch)
      try write(&scratch.target, &scratch.held, job, targetRange, width: targetWidth)
    } else {
      try write(
        &scratch.source, &scratch.held, job, targetRange, width: targetWidth, isCopy: true)
    }
    if state.finishJob() { try finish(job.tensor) }
    execution.progress(targetRange.count * targetWidth)
  }

  private func read(
    _ tensor: PlannedTensor, _ range: Range<Int>, width: Int, into buffer: inout [UInt8]
  ) throws(AdapterError) {
    guard let source = tensor.source, !range.isEmpty else { return }
    Scratch.resize(&buffer, to: range.count * width)
    do throws(FileError) {
      try plan.base.shards[source.shard].reader.read(
        at: source.info.byteOffset + range.lowerBound * width, count: range.count * width,
        into: &buffer)
    } catch { throw .file(error) }
  }

  private func write(
    _ buffer: inout [UInt8], _ held: inout WriteQueue.Held, _ job: TensorJob,
    _ range: Range<Int>, width: Int, isCopy: Bool = false
  ) throws(AdapterError) {
    guard !range.isEmpty else { return }
    let byteCount = range.count * width
    if plan.options.writesReceipt {
      keepDigests(buffer, count: byteCount, before: false, job, width: width)
    }
    do throws(FileError) {
      try places[job.tensor].write(
        &buffer, count: byteCount, at: range.lowerBound * width, isCopy: isCopy, queue, held: &held)
    } catch { throw .file(error) }
  }

  private func keepDigests(
    _ buffer: [UInt8], count: Int, before: Bool, _ job: TensorJob, width: Int
  ) {
    let tensor = tensors[job.tensor]
    // What is copied has the same digests on both sides; they are taken once.
    if !before, !tensor.isComputed {
      return
    }
    let digests = ChunkDigests.of(buffer, byteCount: count)
    let first = job.range.lowerBound * width / TensorID.chunkByteCount
    states[job.tensor].keep(digests, before: before, from: first)
    if before, !tensor.isComputed {
      states[job.tensor].keep(digests, before: false, from: first)
    }
  }

  private func loadComputation(_ position: Int) throws(AdapterError) -> TensorComputation {
    let tensor = tensors[position]
    let update = try TensorUpdate(
      tensor,
      magnitudes: magnitudes[position] ?? Array(repeating: nil, count: tensor.contributions.count),
      options: plan.options, form: execution.form)
    let factors = (magnitudes[position] ?? []).compactMap { $0?.factors }
    if let residual, let number = residualPositions[position], !factors.isEmpty {
      do {
        try residual.append(magnitudes: factors.flatMap { $0 }, of: number)
      } catch { throw .file(error) }
    }
    return TensorComputation(
      tensor: tensor, update: update,
      origin: tensor.source.map { StoredTensor($0.info, in: plan.base.shards[$0.shard]) },
      form: execution.form)
  }

  private func checkOverflow(_ sums: MergeSums, of tensor: PlannedTensor) throws(AdapterError) {
    guard sums.overflowedCount == 0 else {
      throw .overflow(tensor.name, tensor.dtype, count: sums.overflowedCount)
    }
  }

  private func writeCorrections(
    _ job: TensorJob, _ sourceRange: Range<Int>, scratch: Scratch
  ) throws(AdapterError) {
    guard let residual, let number = residualPositions[job.tensor], !sourceRange.isEmpty else {
      return
    }
    let corrections = Corrections(
      elementCount: sourceRange.count, offsets: scratch.corrections.offsets,
      values: scratch.corrections.values)
    try states[job.tensor].encode(corrections, at: job.range.lowerBound) {
      section throws(AdapterError) in
      do throws(FileError) { try residual.append(corrections: section, of: number) } catch {
        throw .file(error)
      }
    }
  }

  private func finish(_ position: Int) throws(AdapterError) {
    guard let residual, let number = residualPositions[position] else { return }
    do { try residual.finish(number) } catch { throw .file(error) }
  }

  /// What was done to each tensor, in the order of the plan.
  var outcomes: [TensorOutcome] {
    zip(tensors, states).map { tensor, state in
      let ids = plan.options.writesReceipt ? state.ids(of: tensor) : (before: nil, after: nil)
      return TensorOutcome(tensor: tensor, sums: state.sums, before: ids.before, after: ids.after)
    }
  }
}

/// What a merge did to one tensor.
public struct TensorOutcome: Sendable {
  /// The tensor.
  public let tensor: PlannedTensor
  /// What changed.
  public let sums: MergeSums
  /// The id of the base's tensor; nil where there was none or digests were not wanted.
  public let before: TensorID?
  /// The id of the merged tensor; nil where digests were not wanted.
  public let after: TensorID?
}

extension PlannedTensor {
  /// Whether unmerging needs corrections for it: the base has it, and it is computed.
  var isCorrected: Bool { isComputed && !isNew && source != nil }

  /// What a job's range counts, on the base's side: elements of a computed tensor, else bytes.
  var sourceUnitCount: Int {
    isComputed ? sourceElementCount : source?.info.byteCount ?? 0
  }

  /// What a job's range counts, on the output's side.
  var targetUnitCount: Int {
    isComputed ? shape.elementCount : shape.byteCount(of: dtype) ?? 0
  }
}
