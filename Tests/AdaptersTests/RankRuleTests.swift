import TestSupport
import Testing

@testable import Adapters

/// The expected ranks are counted by hand.
@Suite struct RankRuleTests {
  /// Σσ² = 30, Σσ = 10
  private static let sample = Spectrum([4, 3, 2, 1])

  @Test(arguments: [
    (RankRule.exactly(3), 3), (.exactly(9), 4), (.energy(1), 4), (.energy(16.0 / 30), 1),
    (.energy(0.54), 2), (.energy(25.0 / 30), 2), (.energy(29.0 / 30), 3), (.energy(0.97), 4),
    (.nuclear(0.4), 1), (.nuclear(0.41), 2), (.nuclear(0.7), 2), (.nuclear(0.9), 3),
    (.nuclear(1), 4),
    // Strictly above: σ₁/2 itself is not kept, and no rank is added.
    (.ratio(2), 2), (.ratio(2.01), 3), (.ratio(4.01), 4), (.ratio(1.0001), 1),
    (.above(3), 1), (.above(2.9), 2), (.above(0), 4), (.above(4), 0),
    (.maxError(0.25), 3), (.maxError(0.24), 4), (.maxError(0.5), 2), (.maxError(0), 4),
    (.maxError(0.76), 1),
  ])
  func `a rule keeps the rank that its threshold says`(rule: RankRule, rank: Int) {
    #expect(rule.rank(of: Self.sample) == rank)
  }

  @Test(arguments: [
    RankRule.energy(0.9), .energy(1), .nuclear(0.5), .ratio(10), .above(0), .maxError(0),
  ])
  func `no change keeps no rank`(rule: RankRule) {
    #expect(rule.rank(of: Spectrum([0, 0, 0])) == 0)
    #expect(rule.rank(of: Spectrum([])) == 0)
  }

  @Test func `a share of all is reached whatever the order of the sum`() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<200 {
      let values = (0..<60).map { _ in Double(abs(generator.bell())) }.sorted(by: >)
      #expect(RankRule.energy(1).rank(of: Spectrum(values)) ?? 0 >= 59)
      #expect(RankRule.nuclear(1).rank(of: Spectrum(values)) ?? 0 >= 59)
    }
  }

  @Test func `the largest values decide what they can, and no more`() {
    let known = Spectrum(largest: [4, 3], energy: 30)
    #expect(RankRule.exactly(2).rank(of: known) == 2)
    #expect(RankRule.exactly(3).rank(of: known) == nil)
    #expect(RankRule.energy(0.8).rank(of: known) == 2)
    #expect(RankRule.energy(0.9).rank(of: known) == nil)
    #expect(RankRule.nuclear(0.1).rank(of: known) == nil)
    #expect(RankRule.above(3.5).rank(of: known) == 1)
    #expect(RankRule.above(1).rank(of: known) == nil)
    #expect(RankRule.ratio(1.1).rank(of: known) == 1)
    #expect(RankRule.maxError(0.1).rank(of: known) == nil)
    #expect(RankSelection(.above(1), mostRank: 2).rank(of: known) == 2)
    #expect(RankSelection(.above(3.5), mostRank: 2).rank(of: known) == 1)
    #expect(RankSelection(.above(1), mostRank: 3).rank(of: known) == nil)
    #expect(abs(known.frobeniusError(keeping: 2) - 5.0.squareRoot()) < 1e-12)
  }

  @Test func `limits clamp every rule`() {
    func rank(_ rule: RankRule, _ least: Int, _ most: Int) -> Int? {
      RankSelection(rule, leastRank: least, mostRank: most).rank(of: Self.sample)
    }
    #expect(rank(.above(10), 1, .max) == 1)
    #expect(rank(.above(10), 9, .max) == 4)
    #expect(rank(.energy(1), 0, 2) == 2)
    #expect(rank(.exactly(3), 0, 1) == 1)
    #expect(rank(.exactly(1), 2, 3) == 2)
  }

  @Test func `errors are the first value left out and the tail`() {
    #expect(Self.sample.spectralError(keeping: 1) == 3)
    #expect(Self.sample.frobeniusError(keeping: 1) == 14.0.squareRoot())
    #expect(Self.sample.spectralError(keeping: 4) == 0)
    #expect(Self.sample.frobeniusError(keeping: 5) == 0)
    #expect(Self.sample.spectralNorm == 4 && Self.sample.frobeniusNorm == 30.0.squareRoot())
  }

  @Test func `a budget buys energy where it is cheapest`() {
    let small = RankSelection.Candidate(Spectrum([2, 1]), byteCountPerRank: 10)
    let large = RankSelection.Candidate(Spectrum([3, 2]), byteCountPerRank: 30)
    func ranks(_ budget: Int, fixed: Int = 0) -> [Int]? {
      RankSelection(.size(budget)).ranks(of: [small, large], fixedByteCount: fixed)
    }
    // Gains per byte: 0.4, 0.1 and 0.3, 0.133.
    #expect(ranks(9) == [0, 0])
    #expect(ranks(10) == [1, 0])
    // The next best does not fit; the one after it does.
    #expect(ranks(20) == [2, 0])
    #expect(ranks(40) == [1, 1])
    #expect(ranks(69) == [2, 1])
    #expect(ranks(70) == [1, 2])
    #expect(ranks(80) == [2, 2])
    #expect(ranks(80, fixed: 40) == [1, 1])
    let least = RankSelection(.size(0), leastRank: 1)
    #expect(least.ranks(of: [small, large]) == [1, 1])
  }

  /// Every choice of ranks is tried: where all ranks cost the same, no other of the same bytes keeps
  /// more energy.
  @Test(arguments: 0..<20) func `a budget is spent as well as any`(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    let spectra = (0..<3).map { _ in
      (0..<4).map { _ in Double(abs(generator.bell())) }.sorted(by: >)
    }
    let budget = seed % 12
    let ranks =
      RankSelection(.size(budget)).ranks(
        of: spectra.map { .init(Spectrum($0), byteCountPerRank: 1) }) ?? []
    func energy(_ ranks: [Int]) -> Double {
      zip(ranks, spectra).reduce(0) { $0 + Spectrum.squares($1.1.prefix($1.0)) }
    }
    var best = 0.0
    for code in 0..<125 {
      let other = [code % 5, code / 5 % 5, code / 25]
      if other.reduce(0, +) <= budget { best = max(best, energy(other)) }
    }
    #expect(ranks.reduce(0, +) == budget)
    #expect(abs(energy(ranks) - best) <= 1e-12 * best)
  }
}
