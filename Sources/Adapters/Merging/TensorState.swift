internal import Compute
internal import Digests
internal import Synchronization
internal import Tensors

/// One tensor while its jobs are under way, on any number of threads.
///
/// The update is loaded by the first job and dropped by the last, so that the factors of a few
/// neighbouring tensors are in memory at a time and no more.
final class TensorState: Sendable {
  private struct State {
    var computation: TensorComputation?
    var remaining: Int
    var before: [Digest?]
    var after: [Digest?]
    /// By the job's start, so that they are added up in one order whatever the threads did.
    var sums: [Int: MergeSums] = [:]
    var encoder: SectionEncoder?
  }

  private let width: ElementWidth?
  private let elementCount: Int

  private let state: Mutex<State>

  init(_ tensor: PlannedTensor, jobs: Int) {
    let after = tensor.shape.byteCount(of: tensor.dtype) ?? 0
    width = tensor.source.flatMap { ElementWidth($0.info.dtype) }
    elementCount = tensor.sourceElementCount
    state = Mutex(
      State(
        computation: nil, remaining: jobs,
        before: Array(
          repeating: nil, count: TensorID.chunkCount(ofBytes: tensor.source?.info.byteCount ?? 0)),
        after: Array(repeating: nil, count: TensorID.chunkCount(ofBytes: after))))
  }

  /// The tensor's computation, loaded by `load` where no job has needed it yet.
  func computation(
    load: () throws(AdapterError) -> TensorComputation
  ) throws(AdapterError) -> TensorComputation {
    try state.withLock { state throws(AdapterError) in
      if let computation = state.computation { return computation }
      let computation = try load()
      state.computation = computation
      return computation
    }
  }

  /// Keeps the digests of a job's chunks, the first of them chunk number `first`.
  func keep(_ digests: [Digest], before isBefore: Bool, from first: Int) {
    state.withLock { state in
      for (offset, digest) in digests.enumerated() {
        if isBefore {
          state.before[first + offset] = digest
        } else {
          state.after[first + offset] = digest
        }
      }
    }
  }

  /// Keeps the sums of the job that starts at `start`.
  func keep(_ sums: MergeSums, from start: Int) { state.withLock { $0.sums[start] = sums } }

  /// Encodes a job's corrections and hands finished sections on, one at a time and in order.
  func encode(
    _ corrections: Corrections, at start: Int, write: ([UInt8]) throws(AdapterError) -> Void
  ) throws(AdapterError) {
    guard let width else { return }
    try state.withLock { state throws(AdapterError) in
      // Made by the tensor's first job: an encoder holds megabytes.
      if state.encoder == nil {
        state.encoder = SectionEncoder(width: width, elementCount: elementCount)
      }
      for section in state.encoder?.take(corrections, at: start) ?? [] { try write(section) }
    }
  }

  /// Says that a job is done; true for the tensor's last.
  func finishJob() -> Bool {
    state.withLock { state in
      state.remaining -= 1
      if state.remaining == 0 {
        state.computation = nil
        state.encoder = nil
      }
      return state.remaining == 0
    }
  }

  /// All sums, added up in the order of the jobs.
  var sums: MergeSums {
    let parts = state.withLock { $0.sums }
    return parts.keys.sorted().reduce(into: MergeSums()) { total, start in
      if let part = parts[start] { total.add(part) }
    }
  }

  /// The ids of the tensor before and after, once every job has kept its digests; nil where there
  /// was no tensor or no digests were taken.
  func ids(of tensor: PlannedTensor) -> (before: TensorID?, after: TensorID?) {
    let (before, after) = state.withLock { ($0.before, $0.after) }
    func id(_ digests: [Digest?], _ dtype: DType, _ shape: Shape) -> TensorID? {
      let chunks = digests.compactMap { $0 }
      guard chunks.count == digests.count else { return nil }
      return TensorID(dtype: dtype, shape: shape, chunks: chunks)
    }
    return (
      tensor.source.flatMap { id(before, $0.info.dtype, $0.info.shape) },
      id(after, tensor.dtype, tensor.shape)
    )
  }
}

extension ElementWidth {
  /// The width of a type that is computed with.
  init?(_ dtype: DType) {
    guard dtype.isComputed else { return nil }
    self.init(rawValue: UInt8(dtype.elementByteCount))
  }
}
