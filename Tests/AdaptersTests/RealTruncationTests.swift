import Compute
import Files
import Glibc
import Parallel
import Testing

@testable import Adapters

/// Adapters that others trained, cut to every rank: what is lost is measured on the stored factors and
/// held to the singular values to 1e-5.
///
/// One module in so many by default, all of them with `ADAPTERCTL_SLOW_TESTS`. Factors are stored in
/// single precision, whose rounding is all that the measurement may add: a singular value far below the
/// largest is lost in that, and held to it.
@Suite(.enabled(if: Fixtures.shared != nil)) struct RealTruncationTests {
  private static let isThorough = getenv("ADAPTERCTL_SLOW_TESTS") != nil

  @Test(arguments: [
    "adapters/arona-tinyllama-r4/tinyllama_lora/checkpoint-180", "adapters/abrhaley-gpt2-tigrinya",
    "adapters/bk7195-open-calm-1b-r1/adapter", "adapters/wujindou-bloom-560m-bin",
    "adapters/peft-opt125m-bnb4bit/lora_opt-125m_bnb_4bit/0.5.0",
    "series/paulohenriquecrs-roberta-pt/roberta-portuguese-peft",
    "series/aguleon-roberta-agnews/results/checkpoint-1200",
  ])
  func `every rank loses the next singular value and the tail`(name: String) throws {
    let folder = try MadeFolder()
    let shared = try #require(Fixtures.shared)
    let whole = try Adapter(opening: shared.appending("real").appending(name))
    let factored = whole.updates.filter { $0.delta?.exactFactors != nil }
    let source = whole.with(
      updates: Self.isThorough ? whole.updates : Self.sample(factored, of: 2))
    let highest = source.updates.compactMap { $0.factors?.rank }.max() ?? 0
    let ranks =
      Self.isThorough ? Array(1...highest) : Array(Set([1, (highest + 1) / 2, highest])).sorted()
    let options = ranks.map { rank in
      var options = TruncationOptions(RankSelection(.exactly(rank)))
      options.dtype = .f32
      return options
    }
    var (strict, all) = (0, 0)
    for (rank, truncation) in zip(ranks, try source.truncated(by: options, execution: .small)) {
      let place = folder.path.appending("r\(rank)")
      try truncation.draft.write(to: place, execution: .small)
      let copy = try Adapter(opening: place)
      for module in truncation.modules {
        let lost = try Self.lost(module.target, of: source, in: copy)
        let (spectral, frobenius) = module.rounding
        #expect(
          abs(lost.spectralNorm - module.spectralError) <= 1e-5 * module.spectralError
            + spectral + lost.noise, "\(module.target) at \(rank)")
        #expect(
          abs(lost.frobeniusNorm - module.frobeniusError) <= 1e-5 * module.frobeniusError
            + frobenius + lost.noise, "\(module.target) at \(rank)")
        all += 1
        if abs(lost.spectralNorm - module.spectralError) <= 1e-5 * module.spectralError,
          abs(lost.frobeniusNorm - module.frobeniusError) <= 1e-5 * module.frobeniusError
        {
          strict += 1
        }
        // Rounding is small beside the change itself, so that the bound is one.
        #expect(frobenius <= 1e-6 * module.spectrum.frobeniusNorm)
      }
      try place.removeTree()
    }
    if Self.isThorough {
      print("\(name): \(all) modules and ranks, \(strict) to 1e-5 of the error itself")
    }
  }

  /// So many updates, evenly.
  private static func sample(_ updates: [WeightUpdate], of count: Int) -> [WeightUpdate] {
    (0..<min(count, updates.count)).map { updates[$0 * updates.count / count] }
  }

  /// The singular values of the difference, by its stacked factors.
  private static func lost(
    _ target: TargetModule, of source: Adapter, in copy: Adapter
  ) throws -> (spectralNorm: Double, frobeniusNorm: Double, noise: Double) {
    func factors(_ adapter: Adapter) throws -> ScaledFactors? {
      try adapter.updates.first { $0.target == TargetParameter(target) && !$0.isWhole }?
        .factors?.loaded(.best)
    }
    var terms = [try #require(try factors(source))]
    if let after = try factors(copy) {
      terms.append(ScaledFactors(left: after.left, right: after.right, scaling: -after.scaling))
    }
    let core = try FactoredDecomposition(ofSumOf: terms)
    let spectrum = Spectrum(try core.values())
    return (spectrum.spectralNorm, spectrum.frobeniusNorm, 10 * core.noiseFloor)
  }
}
