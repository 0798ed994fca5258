internal import Compute
public import Files
internal import Parallel
internal import Tensors

/// A finished extraction.
public struct ExtractionReport: Sendable {
  /// The plan that was carried out.
  public let plan: ExtractionPlan
  /// Where the adapter is; nil where it was not written.
  public let destination: Path?
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
  /// Matrices are read one at a time for each thread: once, or with a budget over all of them twice.
  /// Factors stay in memory until they are written. The same models give the same bytes for any
  /// number of threads. Throws `unchangedFineTune` where nothing changed, `notAdaptable` where what
  /// changed fits no adapter, and what a plan cannot know.
  public func write(
    to destination: Path, replacing: Bool = false, execution: Execution = Execution()
  ) throws(AdapterError) -> ExtractionReport {
    try perform(writingTo: destination, replacing: replacing, execution)
  }

  /// Carries the plan out but for the writing, and says what would have been written.
  public func rehearse(execution: Execution = Execution()) throws(AdapterError) -> ExtractionReport
  {
    try perform(writingTo: nil, replacing: false, execution)
  }

  private func perform(
    writingTo destination: Path?, replacing: Bool, _ execution: Execution
  ) throws(AdapterError) -> ExtractionReport {
    try checkFixed(execution)
    let found = try extract(execution)
    let modules = zip(units, found).flatMap { $0.report($1) }
    try check(modules)
    let draft = ExtractionDraft(self, found).adapter
    if let destination {
      var silent = execution
      silent.progress = { _ in }
      try draft.write(to: destination, replacing: replacing, execution: silent)
    }
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
    guard changed.isEmpty else { throw .notAdaptable(fineTune.name, changed) }
  }

  private func extract(_ execution: Execution) throws(AdapterError) -> [FoundChange] {
    guard options.selection.rule.isGlobal else {
      return try each(execution) { unit throws(AdapterError) in
        try unit.extracted(options.selection, options, execution)
      }
    }
    // What each rank would carry is known only when every matrix has been seen.
    let surveyed = try each(execution) { unit throws(AdapterError) in
      try unit.extracted(nil, options, execution)
    }
    let ranks = try ranks(of: surveyed)
    let places = Dictionary(uniqueKeysWithValues: zip(units.map(\.module), units.indices))
    return try each(execution) { unit throws(AdapterError) in
      guard let place = places[unit.module] else { preconditionFailure("a unit has a place") }
      var found = surveyed[place]
      if found.spectrum != nil, let matrix = unit.matrix {
        found.factors = try matrix.pair.factors(
          isTurned: matrix.isTurned, RankSelection(.exactly(ranks[place])), options, execution)
      }
      return found
    }
  }

  private func each(
    _ execution: Execution,
    _ work: @Sendable (ExtractionUnit) throws(AdapterError) -> FoundChange
  ) throws(AdapterError) -> [FoundChange] {
    let results = Results<FoundChange>(count: units.count)
    let gate = LargeMatrices()
    try execution.workers.perform(jobs: units.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let unit = units[number]
      results[number] = try gate.taking(unit.matrix?.pair) { () throws(AdapterError) in
        try work(unit)
      }
      execution.progress(unit.byteCount)
    }
    return results.values
  }

  /// The ranks that the budget has for each unit.
  private func ranks(of surveyed: [FoundChange]) throws(AdapterError) -> [Int] {
    guard case .size(let allowed) = options.selection.rule else { return [] }
    let naming = ModuleNaming(fineTune.base)
    let candidates = zip(units, surveyed).map { unit, found in
      guard let spectrum = found.spectrum, let matrix = unit.matrix else {
        return RankSelection.Candidate(Spectrum([]), byteCountPerRank: 0)
      }
      let (rows, columns) = matrix.pair.base.shape.matrix
      return RankSelection.Candidate(
        spectrum,
        byteCountPerRank: (rows + columns) * matrix.pair.factorType(options).bitWidth / 8,
        byteCountOnce: PEFTLayout.names(of: naming.named(unit.module), .product).reduce(0) {
          $0
            + PEFTLayout.headerByteCount(
              of: $1, extents: matrix.pair.base.shape.extents + [min(rows, columns)],
              offsets: allowed)
        })
    }
    // The header is filled up to a multiple of 8.
    let fixed = ExtractionDraft(self, surveyed).adapter.weightsByteCount + 8
    let ranks = options.selection.ranks(of: candidates, fixedByteCount: fixed) ?? []
    let needed = zip(ranks, candidates).reduce(fixed) { $0 + $1.1.byteCount(ofRank: $1.0) }
    let least = candidates.filter { !$0.spectrum.values.isEmpty }.map { $0.byteCount(ofRank: 1) }
    guard let least = least.min() else { return ranks }
    guard needed <= allowed, ranks.contains(where: { $0 > 0 }) else {
      throw .sizeTooSmall(
        fineTune.name, needed: max(needed, fixed + least), allowed: allowed)
    }
    return ranks
  }

  private func check(_ modules: [ExtractedModule]) throws(AdapterError) {
    guard !modules.isEmpty else {
      throw .unchangedFineTune(tuned: fineTune.name, base: fineTune.base.path)
    }
    let ranks = modules.map { module in
      if case .factors(let factors) = module.kind { return factors.rank }
      return 0
    }
    guard ranks.contains(where: { $0 > 0 }) else {
      throw .nothingExtracted(
        fineTune.name, whole: modules.filter { $0.parameterCount > 0 }.flatMap(\.tensors))
    }
  }

  private func notes(_ modules: [ExtractedModule]) -> [String] {
    var notes: [String] = []
    for glob in options.wholeTensors
    where !units.contains(where: { $0.others.contains { Self.isNamed($0.name, by: glob) } }) {
      notes.append("No tensor that can be brought whole has a name like --full-rank \(glob).")
    }
    let dropped = modules.filter { $0.parameterCount == 0 }
    if !dropped.isEmpty {
      notes.append(
        "\(dropped.count) changed \(dropped.count == 1 ? "module is" : "modules are") left out, as "
          + "the rule keeps nothing of them.")
    }
    return notes
  }

  private static func isNamed(_ name: TensorName, by glob: String) -> Bool {
    var filter = NameFilter()
    filter.included = [glob]
    return filter.admits(name)
  }
}
