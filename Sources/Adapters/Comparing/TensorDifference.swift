internal import Compute
internal import Parallel
public import Tensors

/// Two collections of named tensors, compared name by name: files whose layout is not understood,
/// and full models of any size.
///
/// Tensors are read a piece of bounded size for each thread, and sums are added up in the order of
/// the pieces: the result is the same for any number of threads.
public struct TensorDifference: Sendable {
  /// Every tensor of either side, by name.
  public let tensors: [TensorChange]

  /// Compares the tensors of some files with those of others.
  public init(
    from old: [TensorFile], to new: [TensorFile], execution: Execution = Execution()
  ) throws(AdapterError) {
    let before = Self.byName(old)
    let after = Self.byName(new)
    let names = Set(before.keys).union(after.keys).sorted()
    let pairs = names.map { name -> TensorPair? in
      guard let old = before[name], let new = after[name], old.shape == new.shape else {
        return nil
      }
      return TensorPair(old: old, new: new)
    }
    let jobs = pairs.enumerated().flatMap { number, pair in
      (0..<(pair?.count ?? 0)).map { (pair: number, piece: $0) }
    }
    let results = Results<TensorPair.Finding>(count: jobs.count)
    try execution.workers.perform(jobs: jobs.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let job = jobs[number]
      guard let pair = pairs[job.pair] else { return }
      results[number] = try pair.finding(of: job.piece, form: execution.form)
      execution.progress((pair.old.info.byteCount + pair.new.info.byteCount) / pair.count)
    }
    var findings: [Int: TensorPair.Finding] = [:]
    for (job, finding) in zip(jobs, results.values) {
      findings[job.pair, default: .init(isIdentical: true, sums: DifferenceSums())].add(finding)
    }
    tensors = names.enumerated().map { number, name in
      let count = before[name]?.shape.elementCount ?? 0
      return TensorChange(
        name: name, old: before[name].map { .init($0.info) },
        new: after[name].map { .init($0.info) },
        isIdentical: findings[number]?.isIdentical ?? false,
        norms: findings[number]?.sums.map { DifferenceNorms($0, count: count) })
    }
  }

  /// Compares two models.
  public init(
    from old: Checkpoint, to new: Checkpoint, execution: Execution = Execution()
  ) throws(AdapterError) {
    try self.init(from: old.shards, to: new.shards, execution: execution)
  }

  /// The tensors that are not the same on both sides.
  public var changed: [TensorChange] { tensors.filter { !$0.isIdentical } }

  private static func byName(_ files: [TensorFile]) -> [TensorName: StoredTensor] {
    var tensors: [TensorName: StoredTensor] = [:]
    for file in files {
      for info in file.tensors { tensors[info.name] = StoredTensor(info, in: file) }
    }
    return tensors
  }
}
