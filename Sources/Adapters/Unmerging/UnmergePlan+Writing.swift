internal import Compute
public import Files
public import Tensors

/// A finished unmerge.
public struct UnmergeReport: Sendable {
  /// The plan that was carried out.
  public let plan: UnmergePlan
  /// Where the base is, or would be.
  public let destination: Path
  /// The tensors of the base.
  public let tensorCount: Int
  /// The tensors from which an adapter was taken out.
  public let touchedCount: Int
  /// The tensors that came back with other bits than the base's; empty for an exact unmerge.
  public let inexact: [TensorName]
  /// The id of what was restored.
  public let restoredID: CheckpointID
  /// Whether the restored model was published: always where it is exact, otherwise on request.
  public let isPublished: Bool

  /// A bound on the error of any inexact tensor, relative to its own norm: each element is off by at
  /// most half a unit of the merged value's last place and half of its own, and merged values are
  /// taken to be no more than twice as large. Nil where nothing is inexact, and where there is no
  /// such bound.
  public var relativeErrorBound: Double? {
    guard lost.isEmpty else { return nil }
    let names = Set(inexact)
    return plan.tensors.filter { names.contains($0.info.name) }
      .map { $0.place.info.dtype.halfUnit * 2 + $0.info.dtype.halfUnit }.max()
  }

  /// The inexact tensors of which an adapter replaced elements: the base's are gone, and the
  /// adapter's stand in their place.
  public var lost: [TensorName] {
    let names = Set(inexact)
    return plan.tensors.filter { names.contains($0.info.name) && $0.planned?.isSubstituted == true }
      .map(\.info.name)
  }

  /// Whether every tensor of the base is back bit for bit, proved by the base's id.
  public var isExact: Bool { inexact.isEmpty && restoredID == plan.receipt.baseID }
}

extension UnmergePlan {
  /// The bytes that the restored base will need.
  public var neededByteCount: Int { layout.byteCount }

  /// Takes the adapters out and writes the base to `destination`, whole or not at all.
  ///
  /// What comes back is compared with the receipt's digests. With a residual anything but equality
  /// throws `notRestored`; without one, an inexact result is published only if `allowsInexact`.
  /// Throws `edited` where the merged model is not the one the receipt is about.
  public func write(
    to destination: Path, replacing: Bool = false, allowsInexact: Bool = false,
    execution: Execution = Execution()
  ) throws(AdapterError) -> UnmergeReport {
    let staged = try StagedOutput(
      destination, replacing: replacing, inputs: [merged.path] + adapters.map(\.path),
      needed: neededByteCount)
    return try staged.fill { () throws(AdapterError) in
      try fill(staged, destination, allowsInexact: allowsInexact, execution: execution)
    }
  }

  private func fill(
    _ staged: StagedOutput, _ destination: Path, allowsInexact: Bool, execution: Execution
  ) throws(AdapterError) -> UnmergeReport {
    let writers = try staged.createShards(layout)
    let run = UnmergeRun(self, writers: writers, execution: execution)
    try run.perform()
    let ids = run.ids
    let edited = zip(tensors, ids).filter { $0.after != nil && $0.after != $1.merged }
    guard edited.isEmpty else { throw .edited(merged.path, edited.map(\.0.info.name)) }
    let inexact = zip(tensors, ids).filter { $0.before != nil && $0.before != $1.restored }
      .map(\.0.info.name)
    let restoredID = CheckpointID(
      Dictionary(
        zip(tensors.map(\.info.name), ids.map(\.restored)), uniquingKeysWith: { first, _ in first })
    )
    if inexact.isEmpty, restoredID != receipt.baseID {
      // Every touched tensor came back, so one that nothing touched was changed since the merge.
      throw .edited(merged.path, [])
    }
    if hasResidual, !inexact.isEmpty { throw .notRestored(inexact) }
    let isPublished = inexact.isEmpty || allowsInexact
    if isPublished {
      try staged.sync(writers, workers: execution.workers)
      try writeSideFiles(to: staged)
      try execution.interruption.check()
      try staged.publish()
    }
    return UnmergeReport(
      plan: self, destination: destination, tensorCount: tensors.count,
      touchedCount: tensors.count { $0.planned != nil }, inexact: inexact, restoredID: restoredID,
      isPublished: isPublished)
  }

  private func writeSideFiles(to staged: StagedOutput) throws(AdapterError) {
    let own = [MergeReceipt.fileName, ResidualFile.fileName]
    for name in merged.sideFiles where !own.contains(name) && receipt.files[name] == nil {
      try staged.copy(
        merged.path.appending(name), to: MergeReceipt.restoredName(name) ?? name)
    }
    if let index = merged.index?.fileName, receipt.files[index] == nil {
      try staged.copy(merged.path.appending(index), to: index)
    }
    for (name, text) in receipt.files.sorted(by: { $0.key < $1.key }) {
      if let text { try staged.write(Array(text.utf8), to: name) }
    }
  }
}

extension DType {
  /// Half a unit in the last place of 1: what one rounding is off by at most, relatively.
  fileprivate var halfUnit: Double {
    switch self {
    case .bf16: return 0x1p-9
    case .f16: return 0x1p-12
    case .f32: return 0x1p-25
    default: return 0x1p-54
    }
  }
}
