internal import Digests
internal import Files
internal import Parallel
public import Tensors

/// The ids of all tensors of open files, taken in one pass of all threads over their chunks.
///
/// Memory is one chunk for each thread, and for a strided tensor of a PyTorch file what it takes to
/// gather it.
public enum TensorDigests {
  /// The ids of each file's tensors, in the order in which the file lists them.
  ///
  /// What several names share is hashed once. Progress counts the bytes that are hashed.
  public static func ids(
    of files: [TensorFile], execution: Execution = Execution()
  ) throws(AdapterError) -> [[TensorID]] {
    let plan = DigestPlan(files)
    let digests = Results<Digest>(count: plan.jobs.count)
    let jobs = plan.jobs
    try execution.workers.perform(
      jobs: jobs.count, scratch: { [UInt8](repeating: 0, count: TensorID.chunkByteCount) }
    ) { number, scratch throws(AdapterError) in
      try execution.interruption.check()
      let job = jobs[number]
      digests[number] = try job.digest(using: &scratch)
      execution.progress(job.byteCount)
    }
    return plan.ids(from: digests.values)
  }

  /// The id of one tensor, a chunk at a time on this thread.
  static func id(of tensor: StoredTensor) throws(AdapterError) -> TensorID {
    let plan = DigestPlan(tensor)
    var digests: [Digest] = []
    var buffer = [UInt8](repeating: 0, count: TensorID.chunkByteCount)
    for job in plan.jobs { digests.append(try job.digest(using: &buffer)) }
    return plan.id(of: tensor.info, from: digests[...])
  }

  /// How many bytes `ids` will hash.
  public static func byteCount(of files: [TensorFile]) -> Int {
    DigestPlan(files).jobs.reduce(0) { $0 + $1.byteCount }
  }
}

/// Which chunks are hashed for which tensors.
private struct DigestPlan {
  /// A chunk of a tensor, or a strided tensor as a whole.
  struct Job: Sendable {
    let file: TensorFile
    let info: TensorInfo
    let start: Int
    let byteCount: Int

    func digest(using buffer: inout [UInt8]) throws(AdapterError) -> Digest {
      guard info.strides == nil else {
        let bytes: [UInt8]
        do { bytes = try file.bytes(of: info) } catch { throw .tensor(error) }
        return TensorID(dtype: info.dtype, shape: info.shape, bytes: bytes.span).digest
      }
      do throws(FileError) {
        try file.reader.read(at: info.byteOffset + start, count: byteCount, into: &buffer)
      } catch { throw .file(error) }
      return BLAKE3.digest(of: buffer.span.extracting(first: byteCount))
    }
  }

  private let files: [TensorFile]
  private(set) var jobs: [Job] = []
  // For each file the jobs of each of its tensors.
  private var ranges: [[Range<Int>]] = []

  init(_ files: [TensorFile]) {
    self.files = files
    for file in files {
      var known: [TensorInfo: Range<Int>] = [:]
      var ranges: [Range<Int>] = []
      for info in file.tensors {
        let nameless = TensorInfo(
          name: "", dtype: info.dtype, shape: info.shape, byteOffset: info.byteOffset,
          byteCount: info.byteCount, strides: info.strides)
        let range = known[nameless] ?? append(info, of: file)
        known[nameless] = range
        ranges.append(range)
      }
      self.ranges.append(ranges)
    }
  }

  /// The chunks of one tensor.
  init(_ tensor: StoredTensor) {
    files = [tensor.file]
    ranges = [[append(tensor.info, of: tensor.file)]]
  }

  private mutating func append(_ info: TensorInfo, of file: TensorFile) -> Range<Int> {
    let first = jobs.count
    if info.strides != nil {
      jobs.append(Job(file: file, info: info, start: 0, byteCount: info.byteCount))
    } else {
      for start in stride(from: 0, to: info.byteCount, by: TensorID.chunkByteCount) {
        let count = min(TensorID.chunkByteCount, info.byteCount - start)
        jobs.append(Job(file: file, info: info, start: start, byteCount: count))
      }
    }
    return first..<jobs.count
  }

  func ids(from digests: [Digest]) -> [[TensorID]] {
    zip(files, ranges).map { file, ranges in
      zip(file.tensors, ranges).map { info, range in id(of: info, from: digests[range]) }
    }
  }

  /// A tensor's id from its jobs' digests.
  func id(of info: TensorInfo, from digests: ArraySlice<Digest>) -> TensorID {
    if info.strides != nil, let whole = digests.first { return TensorID(whole) }
    return TensorID(dtype: info.dtype, shape: info.shape, chunks: Array(digests))
  }
}
