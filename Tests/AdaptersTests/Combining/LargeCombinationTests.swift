import Compute
import Files
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// Sides above 512, where what was formed is searched by a Krylov space: what is left out is measured
/// on the files and held to the whole decomposition.
@Suite struct LargeCombinationTests {
  private static let (rows, columns) = (530, 518)

  /// The leading part of a sum that a mask has roughened: a spectrum with a long flat tail.
  @Test(arguments: [
    (CombineMethod.ties, RankSelection(.exactly(5))), (.dare, RankSelection(.maxError(0.6))),
  ])
  func `the leading directions are found, and the rest is bounded`(
    method: CombineMethod, selection: RankSelection
  ) throws {
    let folder = try MadeFolder()
    let adapters = try (1...2).map { seed in
      try folder.adapter(
        CombinePlanTests.tensors(
          rank: 3, seed: UInt64(seed), modules: ["q_proj"], rows: Self.rows,
          columns: Self.columns),
        settings: [#""r": 3"#, #""lora_alpha": 6"#, #""target_modules": ["q_proj"]"#],
        named: "a\(seed)")
    }
    var options = CombineOptions(method)
    options.density = 0.6
    let plan = try CombinePlan(
      try CombinePlanTests.members(adapters.map { ($0, 1) }), options: options,
      selection: selection)
    let path = folder.path.appending("out")
    let report = try plan.write(to: path, execution: .small)
    let outcome = try #require(report.outcomes.first)

    // The same combination, formed and decomposed whole.
    let loaded = try WeightCombination(plan.weights[0], of: plan, .small)
    guard case .formed(let formed) = try loaded.combined(by: options, form: .best).delta else {
      Issue.record("\(method) forms its result")
      return
    }
    let values = try WholeSpectrum(of: formed).values
    if case .exactly(let rank) = selection.rule {
      #expect(outcome.rank == rank)
    } else {
      #expect(selection.rank(of: Spectrum(values)) == outcome.rank)
    }
    let written = try CombinePlanTests.delta(try Adapter(opening: path), "q_proj")
    let missing = written.times(-1).plus(RealMatrix(formed))
    let norm = outcome.norm
    let best = Spectrum(values).frobeniusError(keeping: outcome.rank)
    // What the factors miss is what the report says, and no more than the best of that rank misses
    // by the thousandth that another block would gain.
    #expect(abs(outcome.spectralNorm - values[0]) <= 1e-4 * values[0])
    #expect(missing.frobeniusNorm <= outcome.frobeniusError * (1 + 1e-9))
    #expect(abs(missing.frobeniusNorm - outcome.frobeniusError) <= 1e-4 * norm)
    #expect(missing.frobeniusNorm <= best * (1 + 1e-3) + 1e-5 * norm)
    let spectral = try WholeSpectrum(of: missing.rounded).values[0]
    #expect(spectral <= outcome.spectralError * (1 + 1e-6))
    // The bound is an interval whose ends are up to a factor of 1.5 apart (`ApproximationError`).
    #expect(outcome.spectralError <= 1.5 * spectral + 1e-4 * norm)
  }
}
