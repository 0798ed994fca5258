internal import Compute
public import Files
internal import Parallel
internal import Tensors

/// A finished extraction.
public struct ExtractionReport: Sendable {
  /// The plan that was carried out.
  public let plan: ExtractionPlan
  /// Where the adapter is.
  public let destination: Path
  /// The modules that the fine-tune changed, in the order of the adapter's file.
  public let modules: [ExtractedModule]
  /// The size of the adapter's weights.
  public let byteCount: Int
  /// Things a user should know, as whole sentences.
  public let notes: [String]

  /// The modules that are stored as two factors, or would be if the rule kept something of them.
  public var factored: [(module: TargetModule, factors: ExtractedFactors)] {
    modules.compactMap { module in
      if case .factors(let factors) = module.kind { return (module.module, factors) }
      return nil
    }
  }

  /// √Σ‖Δ‖_F² over all factored modules.
  public var norm: Double { Self.root(factored.map(\.factors.norm)) }
  /// √Σ of the certified ‖E‖_F² over all factored modules.
  public var errorBound: Double { Self.root(factored.map(\.factors.error.frobeniusBound)) }

  private static func root(_ parts: [Double]) -> Double {
    parts.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
  }
}

extension ExtractionPlan {
  /// Carries the plan out: writes an adapter in PEFT's layout to `destination`, whole or not at all.
  ///
  /// Matrices are read once, one at a time for each thread; factors stay in memory until they are
  /// written. The same models give the same bytes for any number of threads. Throws `unchangedFineTune` where
  /// nothing changed, `notAdaptable` where what changed fits no adapter, and what a plan cannot know.
  public func write(
    to destination: Path, replacing: Bool = false, execution: Execution = Execution()
  ) throws(AdapterError) -> ExtractionReport {
    try checkFixed(execution)
    let found = try extract(execution)
    let modules = zip(units, found).flatMap { $0.report($1) }
    try check(modules)
    let draft = ExtractionDraft(self, found).adapter
    try draft.write(to: destination, replacing: replacing, execution: execution)
    return ExtractionReport(
      plan: self, destination: destination, modules: modules, byteCount: draft.weightsByteCount,
      notes: notes(modules))
  }

  /// Throws where a tensor changed that no adapter can bring.
  private func checkFixed(_ execution: Execution) throws(AdapterError) {
    let results = Results<Bool>(count: fixed.count)
    try execution.workers.perform(jobs: fixed.count, scratch: {}) {
      number, _ throws(AdapterError) in
      results[number] = try fixed[number].isUnchanged(execution)
    }
    let changed = zip(fixed, results.values).filter { !$0.1 }.map(\.0.name)
    guard changed.isEmpty else { throw .notAdaptable(fineTune.tuned.path, changed) }
  }

  private func extract(_ execution: Execution) throws(AdapterError) -> [FoundChange] {
    let results = Results<FoundChange>(count: units.count)
    let gate = LargeMatrices()
    try execution.workers.perform(jobs: units.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let unit = units[number]
      results[number] = try gate.taking(unit.matrix?.pair) { () throws(AdapterError) in
        try unit.extracted(options.selection, options, execution)
      }
      execution.progress(unit.byteCount)
    }
    return results.values
  }

  private func check(_ modules: [ExtractedModule]) throws(AdapterError) {
    guard !modules.isEmpty else {
      throw .unchangedFineTune(tuned: fineTune.tuned.path, base: fineTune.base.path)
    }
    let ranks = modules.map { module in
      if case .factors(let factors) = module.kind { return factors.rank }
      return 0
    }
    guard ranks.contains(where: { $0 > 0 }) else {
      throw .nothingExtracted(
        fineTune.tuned.path, whole: modules.filter { $0.parameterCount > 0 }.flatMap(\.tensors))
    }
  }

  private func notes(_ modules: [ExtractedModule]) -> [String] {
    var notes: [String] = []
    let dropped = modules.filter { $0.parameterCount == 0 }
    if !dropped.isEmpty {
      notes.append(
        "\(dropped.count) changed \(dropped.count == 1 ? "module is" : "modules are") left out, as "
          + "the rule keeps nothing of them.")
    }
    return notes
  }
}
