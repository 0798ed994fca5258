internal import Compute
public import Files
internal import JSON
internal import Tensors

extension MergePlan {
  /// Carries the plan out: writes the merged model to `destination`, whole or not at all.
  ///
  /// `tool` names the program and its version for the receipt. Throws `AdapterError`: what the plan
  /// could not know (a value that is not finite, a full disk, a stop), and the gates of the options
  /// (`unchanged`, `survivalTooLow`); nothing is left behind then.
  public func write(
    to destination: Path, replacing: Bool = false, tool: String, execution: Execution = Execution()
  ) throws(AdapterError) -> MergeReport {
    let staged = try StagedOutput(
      destination, replacing: replacing,
      inputs: [base.path] + adapters.map(\.adapter.path), needed: neededByteCount)
    return try staged.fill { () throws(AdapterError) in
      try fill(staged, destination, tool: tool, execution: execution)
    }
  }

  private func fill(
    _ staged: StagedOutput, _ destination: Path, tool: String, execution: Execution
  ) throws(AdapterError) -> MergeReport {
    let writers = try staged.createShards(layout)
    let run = try MergeRun(
      self, writers: writers,
      residualPath: options.writesResidual && options.writesReceipt
        ? staged.path.appending(ResidualFile.fileName) : nil,
      execution: execution)
    try run.perform()
    let summary = MergeSummary(outcomes: run.outcomes)
    try check(summary)
    try staged.sync(writers, workers: execution.workers)
    try writeSideFiles(to: staged)
    var receipt: MergeReceipt?
    if options.writesReceipt {
      let made = try MergeReceipt(
        of: self, outcomes: run.outcomes, tool: tool, execution: execution)
      try staged.write(Array((made.json.text(.indented) + "\n").utf8), to: MergeReceipt.fileName)
      receipt = made
    }
    try execution.interruption.check()
    let residualByteCount = staged.byteCount(of: ResidualFile.fileName)
    try staged.publish()
    return MergeReport(
      plan: self, destination: destination, summary: summary, receipt: receipt,
      residualByteCount: residualByteCount)
  }

  /// The gates: a merge that stores nothing, or less than was asked for, is no success.
  private func check(_ summary: MergeSummary) throws(AdapterError) {
    if summary.changedCount == 0, !options.allowsUnchanged { throw .unchanged(summary) }
    if let wanted = options.minSurvival, !(summary.survival >= wanted) {
      throw .survivalTooLow(summary, wanted: wanted)
    }
  }

  private func writeSideFiles(to staged: StagedOutput) throws(AdapterError) {
    for name in copiedFiles where !(name == "config.json" && editedConfig != nil) {
      // The receipt of an earlier merge is kept aside, for unmerging one after the other.
      try staged.copy(
        base.path.appending(name), to: MergeReceipt.keptName(name) ?? name)
    }
    if let editedConfig, base.path.isDirectory {
      try staged.write(Array((editedConfig.text(.indented) + "\n").utf8), to: "config.json")
    }
    if let index = layout.index { try staged.write(index.bytes, to: index.fileName) }
  }
}
