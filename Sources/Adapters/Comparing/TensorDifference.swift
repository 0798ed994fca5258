internal import Compute
internal import Parallel
public import Tensors

/// Two collections of named tensors, compared name by name: files whose layout is not understood,
/// and full models of any size.
///
/// Tensors are read a piece of bounded size for each thread, and sums are added up in the order of
/// the pieces: the result is the same for any number of threads. Other norms than Frobenius' need a
/// whole matrix in memory, in Float: one at a time for each thread, of large ones one at all.
public struct TensorDifference: Sendable {
  /// Every tensor of either side, by name.
  public let tensors: [TensorChange]

  /// Compares the tensors of some files with those of others, by Frobenius norms, and by others those
  /// that changed and are matrices.
  public init(
    from old: [TensorFile], to new: [TensorFile], measuring measures: DifferenceMeasures = .init(),
    execution: Execution = Execution()
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
    var changes = names.enumerated().map { number, name in
      let count = before[name]?.shape.elementCount ?? 0
      let norms = findings[number]?.sums.map { DifferenceNorms($0, count: count) }
      return TensorChange(
        name: name, old: before[name].map { .init($0.info) },
        new: after[name].map { .init($0.info) },
        isIdentical: findings[number]?.isIdentical ?? false,
        measures: norms.map { [.frobenius: $0] } ?? [:])
    }
    if !measures.norms.isEmpty {
      let found = try Self.measured(changes, pairs, measures.norms, execution)
      for (number, norms) in found.enumerated() {
        changes[number].measures.merge(norms) { $1 }
      }
    }
    tensors = changes
  }

  /// The other norms of the pairs that changed.
  private static func measured(
    _ changes: [TensorChange], _ pairs: [TensorPair?], _ wanted: Set<MatrixNorm>,
    _ execution: Execution
  ) throws(AdapterError) -> [[MatrixNorm: DifferenceNorms]] {
    let results = Results<[MatrixNorm: DifferenceNorms]>(count: pairs.count)
    let gate = LargeMatrices()
    try execution.workers.perform(jobs: pairs.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      results[number] = [:]
      guard let pair = pairs[number] else { return }
      defer { execution.progress(pair.old.info.byteCount + pair.new.info.byteCount) }
      guard let norms = changes[number].norms, norms.isFinite, !changes[number].isIdentical
      else { return }
      results[number] = try gate.taking(pair.asTuned) { () throws(AdapterError) in
        try pair.norms(wanted, frobenius: norms, execution)
      }
    }
    return results.values
  }

  /// Compares two models.
  public init(
    from old: Checkpoint, to new: Checkpoint, measuring measures: DifferenceMeasures = .init(),
    execution: Execution = Execution()
  ) throws(AdapterError) {
    try self.init(from: old.shards, to: new.shards, measuring: measures, execution: execution)
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
