internal import Parallel

/// An adapter of lower rank: what is to be written, and what it costs.
public struct Truncation: Sendable {
  /// The adapter to be written.
  public let draft: AdapterDraft
  /// What became of each module, in the order of the adapter.
  public let modules: [ModuleTruncation]

  /// The modules that no singular value is kept of, which the adapter no longer has.
  public var droppedModules: [TargetModule] {
    modules.filter { $0.writtenRank == 0 }.map(\.target)
  }
  /// The largest spectral error of any module.
  public var spectralError: Double { modules.map(\.spectralError).max() ?? 0 }
  /// √Σ of the squared Frobenius errors.
  public var frobeniusError: Double { Self.root(modules.map(\.frobeniusError)) }
  /// The same of what is stored, with its rounding.
  public var storedFrobeniusError: Double { Self.root(modules.map(\.storedFrobeniusError)) }
  /// √Σ of the squared Frobenius norms of the changes.
  public var frobeniusNorm: Double { Self.root(modules.map(\.spectrum.frobeniusNorm)) }

  private static func root(_ norms: [Double]) -> Double {
    norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

extension Adapter {
  /// The adapter with the best change of lower rank in the place of each (Eckart, Young), once for
  /// each of `options`, from one factorisation; scalings stay. A module whose rank a rule keeps stays
  /// as it is stored. DoRA's magnitudes stay too: its low-rank part is what is truncated.
  ///
  /// Of a method that is no LoRA and whose updates have two factors, a LoRA comes out.
  ///
  /// Throws where an update has no two factors, where a factor is not finite, where a rank is asked
  /// for that no module has, where a budget is too small for the least ranks, and where nothing
  /// would be left, and where the filter admits no module.
  public func truncated(
    by options: [TruncationOptions], execution: Execution = Execution()
  ) throws(AdapterError) -> [Truncation] {
    let source = try AdapterDraft(copying: self)
    guard !source.modules.isEmpty else { throw .noRank(path, method: method) }
    let factors = Dictionary(
      updates.filter { $0.target.parameter == "weight" }.compactMap { update in
        update.factors.map { (update.target.module, $0) }
      }, uniquingKeysWith: { first, _ in first })
    let truncators = source.modules.compactMap { module in
      factors[module.target].map { ModuleTruncator(module: module, factors: $0) }
    }
    for option in options { try check(option, truncators) }
    let ranks = try budgeted(options, source, truncators, execution)
    let results = Results<[ModuleTruncator.Outcome]>(count: truncators.count)
    try execution.workers.perform(jobs: truncators.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      results[number] = try truncators[number].outcomes(
        options, ranks: ranks.map { $0?[number] }, form: execution.form)
      execution.progress(truncators[number].byteCount)
    }
    var truncations: [Truncation] = []
    for place in options.indices {
      let outcomes = results.values.map { $0[place] }
      var draft = source
      draft.modules = outcomes.compactMap(\.draft)
      guard !draft.modules.isEmpty else { throw .nothingKept(path) }
      truncations.append(Truncation(draft: draft, modules: outcomes.map(\.report)))
    }
    return truncations
  }

  private func check(
    _ option: TruncationOptions, _ truncators: [ModuleTruncator]
  ) throws(AdapterError) {
    let admitted = truncators.filter { option.admits($0.module.target) }
    guard !admitted.isEmpty else { throw .nothingAdmitted(path) }
    let highest = admitted.map(\.rankBound).max() ?? 0
    if case .exactly(let rank) = option.selection.rule, rank > highest, rank != .max {
      throw .rankTooHigh(path, wanted: rank, highest: highest)
    }
  }

  /// The ranks of each option with a budget, from the spectra of all modules.
  private func budgeted(
    _ options: [TruncationOptions], _ source: AdapterDraft, _ truncators: [ModuleTruncator],
    _ execution: Execution
  ) throws(AdapterError) -> [[Int]?] {
    guard options.contains(where: \.selection.rule.isGlobal) else {
      return options.map { _ in nil }
    }
    let spectra = Results<Spectrum>(count: truncators.count)
    try execution.workers.perform(jobs: truncators.count, scratch: {}) {
      number, _ throws(AdapterError) in
      spectra[number] = try truncators[number].spectrum(form: execution.form)
    }
    let budget = TruncationBudget(
      path: path, source: source, truncators: truncators, spectra: spectra.values)
    var all: [[Int]?] = []
    for option in options { all.append(try budget.ranks(option)) }
    return all
  }
}
