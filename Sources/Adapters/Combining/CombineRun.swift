internal import Compute
internal import Parallel
internal import Tensors

/// Carries a plan out: every weight by itself, on any thread, with the same result.
struct CombineRun {
  private let plan: CombinePlan
  private let dtype: DType
  private let execution: Execution

  init(_ plan: CombinePlan, dtype: DType, execution: Execution) {
    self.plan = plan
    self.dtype = dtype
    self.execution = execution
  }

  /// A weight as it is written.
  struct Written: Sendable {
    let outcome: CombineOutcome
    /// The factors; nil where the weight is left out.
    let factors: FactoredDelta?
  }

  /// One weight between its combination and the choice of its rank.
  private struct Prepared: Sendable {
    let factors: CombinedFactors
    let figures: WeightFigures
  }

  /// Combines and truncates every weight. A rule that looks at all weights at once holds all their
  /// singular vectors until then; any other a worker's.
  func perform() throws(AdapterError) -> [Written] {
    let weights = plan.weights
    let results = Results<Written>(count: weights.count)
    guard let selection = plan.selection, selection.rule.isGlobal else {
      try execution.workers.perform(jobs: weights.count, scratch: {}) {
        number, _ throws(AdapterError) in
        let prepared = try prepare(weights[number])
        let rank = prepared.factors.rank(selection(of: weights[number]))
        results[number] = try write(weights[number], prepared, rank: rank)
        execution.progress(weights[number].byteCount)
      }
      return results.values
    }
    let prepared = Results<Prepared>(count: weights.count)
    try execution.workers.perform(jobs: weights.count, scratch: {}) {
      number, _ throws(AdapterError) in
      prepared[number] = try prepare(weights[number])
      execution.progress(weights[number].byteCount)
    }
    var budget = 0
    if case .size(let byteCount) = selection.rule { budget = byteCount }
    let ranks = selection.ranks(
      of: zip(weights, prepared.values).map { weight, prepared in
        .init(
          prepared.factors.spectrum, byteCountPerRank: weight.byteCountPerRank(dtype),
          byteCountOnce: weight.headerByteCount(offsets: budget))
      }, fixedByteCount: plan.carriedByteCount)
    guard let ranks else { preconditionFailure("a global rule sees whole spectra") }
    try execution.workers.perform(jobs: weights.count, scratch: {}) {
      number, _ throws(AdapterError) in
      results[number] = try write(weights[number], prepared[number], rank: ranks[number])
    }
    return results.values
  }

  /// How many singular values of a weight are kept; nil for all. A vector has no rank to choose, svd
  /// keeps the largest rank of a member, as PEFT does, and what depends on a base the sum of ranks.
  private func selection(of weight: PlannedWeight) -> RankSelection? {
    guard !weight.form.isVector else { return nil }
    if let selection = plan.selection { return selection }
    if plan.options.method == .svd { return RankSelection(.exactly(weight.largestRank)) }
    return weight.dependsOnBase ? RankSelection(.exactly(weight.rankBound)) : nil
  }

  private func prepare(_ weight: PlannedWeight) throws(AdapterError) -> Prepared {
    try execution.interruption.check()
    let combination = try WeightCombination(weight, of: plan, execution)
    do throws(ComputeError) {
      let selection = selection(of: weight)
      let (delta, figures) = try combination.combined(by: plan.options, form: execution.form)
      var limit = Int.max
      if case .size(let byteCount)? = selection?.rule {
        limit = max(1, byteCount / weight.byteCountPerRank(dtype))
      }
      return Prepared(
        factors: try CombinedFactors(
          delta, rankBound: weight.rankBound, selection: selection, limit: limit,
          name: weight.target.description), figures: figures)
    } catch { throw .notFactorised(weight.target) }
  }

  private func write(
    _ weight: PlannedWeight, _ prepared: Prepared, rank: Int
  ) throws(AdapterError) -> Written {
    try execution.interruption.check()
    let spectrum = prepared.factors.spectrum
    let made: (factors: FactoredDelta, spectral: Double, frobenius: Double)?
    do throws(ComputeError) {
      made = try prepared.factors.written(rank: rank) { matrix in
        var rounded = matrix.rounded
        if dtype != .f32 {
          Conversion.round(
            &rounded.elements, count: rounded.elements.count, to: dtype, form: execution.form)
        }
        return rounded
      }
    } catch { throw .notFactorised(weight.target) }
    return Written(
      outcome: CombineOutcome(
        weight: weight, rank: made?.factors.rank ?? 0, norm: spectrum.frobeniusNorm,
        spectralNorm: spectrum.spectralNorm, spectralError: made?.spectral ?? spectrum.spectralNorm,
        frobeniusError: made?.frobenius ?? spectrum.frobeniusNorm, figures: prepared.figures),
      factors: made?.factors)
  }
}
