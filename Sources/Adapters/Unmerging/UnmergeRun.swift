internal import Compute
internal import Digests
internal import Files
internal import Parallel
internal import Synchronization
internal import Tensors

/// One streaming pass that takes adapters out: reads every merged tensor once, writes every tensor
/// of the base once, and takes the digests that prove both.
final class UnmergeRun: Sendable {
  private let plan: UnmergePlan
  private let execution: Execution
  private let jobs: [Job]
  private let queue = WriteQueue()
  private let states: [State]
  private let places: [OutputPlace]

  /// A section of a tensor, so that corrections are decoded in order; or a part of a copy.
  private struct Job {
    let tensor: Int
    let range: Range<Int>
  }

  private final class State: Sendable {
    struct Inside {
      var computation: TensorComputation?
      var remaining = 0
      var merged: [Digest?]
      var restored: [Digest?]
    }
    let inside: Mutex<Inside>
    init(merged: Int, restored: Int) {
      inside = Mutex(
        Inside(
          merged: Array(repeating: nil, count: TensorID.chunkCount(ofBytes: merged)),
          restored: Array(repeating: nil, count: TensorID.chunkCount(ofBytes: restored))))
    }
  }

  init(_ plan: UnmergePlan, writers: [FileWriter], execution: Execution) {
    self.plan = plan
    self.execution = execution
    places = OutputPlace.all(of: plan.layout, writers: writers)
    states = plan.tensors.map {
      State(merged: $0.place.info.byteCount, restored: $0.info.byteCount)
    }
    jobs = plan.tensors.enumerated().flatMap { position, tensor in
      let total =
        tensor.planned.map { max($0.shape.elementCount, tensor.info.shape.elementCount) }
        ?? tensor.info.byteCount
      let step =
        tensor.planned == nil ? TensorJob.copiedByteCount : ResidualFile.sectionElementCount
      guard total > 0 else { return [Job(tensor: position, range: 0..<0)] }
      return stride(from: 0, to: total, by: step).map {
        Job(tensor: position, range: $0..<min(total, $0 + step))
      }
    }
    for job in jobs { states[job.tensor].inside.withLock { $0.remaining += 1 } }
  }

  func perform() throws(AdapterError) {
    try execution.workers.perform(jobs: jobs.count, scratch: { Scratch() }) {
      number, scratch throws(AdapterError) in
      let job = self.jobs[number]
      if let planned = self.plan.tensors[job.tensor].planned {
        try self.restore(job, planned, &scratch)
      } else {
        try self.copy(job, &scratch)
      }
      self.states[job.tensor].inside.withLock { state in
        state.remaining -= 1
        if state.remaining == 0 { state.computation = nil }
      }
    } finish: { scratch throws(AdapterError) in
      do throws(FileError) { try self.queue.flush(&scratch.held) } catch { throw .file(error) }
    }
  }

  private func copy(_ job: Job, _ scratch: inout Scratch) throws(AdapterError) {
    try execution.interruption.check()
    try read(job, width: 1, job.range, into: &scratch.source)
    let digests = ChunkDigests.of(scratch.source, byteCount: job.range.count)
    keep(digests, merged: true, job, at: job.range.lowerBound)
    keep(digests, merged: false, job, at: job.range.lowerBound)
    try write(
      &scratch.source, &scratch.held, count: job.range.count, job, at: job.range.lowerBound,
      isCopy: true)
    execution.progress(job.range.count)
  }

  private func restore(
    _ job: Job, _ planned: PlannedTensor, _ scratch: inout Scratch
  ) throws(AdapterError) {
    let tensor = plan.tensors[job.tensor]
    let computation = try computation(job.tensor, planned)
    let baseCount = tensor.info.shape.elementCount
    let (width, baseWidth) = (planned.dtype.elementByteCount, tensor.info.dtype.elementByteCount)
    var decoder = try decoder(job, tensor, baseCount: baseCount)
    let step =
      planned.productDepth >= TensorJob.deepProduct
      ? TensorJob.deepElementCount : TensorJob.elementCount
    for start in stride(from: job.range.lowerBound, to: job.range.upperBound, by: step) {
      try execution.interruption.check()
      let range = start..<min(job.range.upperBound, start + step)
      let merged = range.clamped(to: 0..<planned.shape.elementCount)
      if !merged.isEmpty {
        try read(job, width: width, merged, into: &scratch.source)
        keep(
          ChunkDigests.of(scratch.source, byteCount: merged.count * width), merged: true, job,
          at: start * width)
      }
      let restored = range.clamped(to: 0..<baseCount)
      if !restored.isEmpty {
        try computation.predict(restored, mergedCount: merged.count, scratch: &scratch)
        if decoder != nil {
          do throws(ResidualError) {
            try decoder?.corrections(ofNext: restored.count)
              .apply(to: &scratch.predicted, type: tensor.info.dtype)
          } catch { throw .corrections(tensor.info.name, error) }
        }
        let byteCount = restored.count * baseWidth
        keep(
          ChunkDigests.of(scratch.predicted, byteCount: byteCount), merged: false, job,
          at: start * baseWidth)
        try write(
          &scratch.predicted, &scratch.held, count: byteCount, job, at: start * baseWidth)
      }
      execution.progress(merged.count * width)
    }
  }

  private func computation(
    _ position: Int, _ planned: PlannedTensor
  ) throws(AdapterError) -> TensorComputation {
    try states[position].inside.withLock { state throws(AdapterError) in
      if let computation = state.computation { return computation }
      let update = try TensorUpdate(
        unmerging: planned, residual: plan.residual,
        rounding: MergeOptions.Rounding(rawValue: plan.receipt.rounding) ?? .once,
        form: execution.form)
      let place = plan.tensors[position].place
      let computation = TensorComputation(
        tensor: planned, update: update,
        origin: StoredTensor(place.info, in: plan.merged.shards[place.shard]), form: execution.form)
      state.computation = computation
      return computation
    }
  }

  private func decoder(
    _ job: Job, _ tensor: UnmergePlan.UnmergedTensor, baseCount: Int
  ) throws(AdapterError) -> ResidualDecoder? {
    guard let residual = plan.residual, job.range.lowerBound < baseCount else { return nil }
    guard residual.covers(tensor.info.name, elementCount: baseCount),
      let width = ElementWidth(tensor.info.dtype)
    else {
      throw .malformedResidual(
        plan.merged.path.appending(ResidualFile.fileName), rule: "is not about \(tensor.info.name)")
    }
    let bytes = try residual.section(
      job.range.lowerBound / ResidualFile.sectionElementCount, of: tensor.info.name)
    do {
      return try ResidualDecoder(
        bytes, width: width,
        elementCount: min(job.range.upperBound, baseCount) - job.range.lowerBound)
    } catch { throw .corrections(tensor.info.name, error) }
  }

  private func read(
    _ job: Job, width: Int, _ range: Range<Int>, into buffer: inout [UInt8]
  ) throws(AdapterError) {
    let place = plan.tensors[job.tensor].place
    Scratch.resize(&buffer, to: range.count * width)
    do throws(FileError) {
      try plan.merged.shards[place.shard].reader.read(
        at: place.info.byteOffset + range.lowerBound * width, count: range.count * width,
        into: &buffer)
    } catch { throw .file(error) }
  }

  private func write(
    _ buffer: inout [UInt8], _ held: inout WriteQueue.Held, count: Int, _ job: Job, at offset: Int,
    isCopy: Bool = false
  ) throws(AdapterError) {
    do throws(FileError) {
      try places[job.tensor].write(
        &buffer, count: count, at: offset, isCopy: isCopy, queue, held: &held)
    } catch { throw .file(error) }
  }

  private func keep(_ digests: [Digest], merged: Bool, _ job: Job, at offset: Int) {
    let first = offset / TensorID.chunkByteCount
    states[job.tensor].inside.withLock { state in
      for (number, digest) in digests.enumerated() {
        if merged {
          state.merged[first + number] = digest
        } else {
          state.restored[first + number] = digest
        }
      }
    }
  }

  /// The ids of every tensor as it was read and as it was written.
  var ids: [(merged: TensorID, restored: TensorID)] {
    zip(plan.tensors, states).map { tensor, state in
      let (merged, restored) = state.inside.withLock { ($0.merged, $0.restored) }
      return (
        TensorID(
          dtype: tensor.place.info.dtype, shape: tensor.place.info.shape,
          chunks: merged.compactMap { $0 }),
        TensorID(
          dtype: tensor.info.dtype, shape: tensor.info.shape, chunks: restored.compactMap { $0 })
      )
    }
  }
}
