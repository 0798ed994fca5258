import Compute
import TestSupport
import Testing

@testable import Adapters

@Suite struct SparsifierTests {
  private static func values(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    // Few magnitudes, so that many are equal, and zeros of both signs.
    return (0..<count).map { _ in Float(generator.index(below: 41)) / 8 - 2.5 }
      .map { $0 == 0 ? -0.0 : $0 }
  }

  @Test(arguments: [0, 1, 2, 63, 64, 1000])
  func `the order of magnitudes is cut where a sorted list is`(count: Int) {
    for seed in 0..<4 {
      let values =
        seed == 0
        ? (0..<count).map { _ in Float.random(in: -1...1) } : Self.values(count, seed: UInt64(seed))
      let order = values.indices.sorted {
        values[$0].magnitude == values[$1].magnitude
          ? $0 < $1 : values[$0].magnitude > values[$1].magnitude
      }
      for taken in Set([0, 1, count / 3, count / 2, count - 1, count]) where taken >= 0 {
        var before: [Int] = []
        MagnitudeOrder.cut(values, after: taken).forEach(values) { place, isBefore in
          if isBefore { before.append(place) }
        }
        #expect(before == order.prefix(taken).sorted(), "\(taken) of \(count)")
      }
    }
  }

  @Test func `trimming keeps ⌊density · N⌋ of the largest`() {
    for (density, count) in [(0.5, 101), (0.29, 100), (0.001, 100), (1, 7), (0.7, 10)] {
      var values = Self.values(count, seed: 7)
      let before = values
      let kept = Trimming(density: density).trim(&values)
      #expect(kept == Int((density * Double(count)).rounded(.down)))
      let smallest =
        zip(before, values).filter { $1 != 0 }.map { $0.0.magnitude }.min() ?? .infinity
      #expect(zip(before, values).allSatisfy { $1 == $0 || $1 == 0 && $0.magnitude <= smallest })
    }
  }

  @Test func `breadcrumbs drop outliers and noise, and nothing for a γ below one entry`() {
    var generator = SeededGenerator(seed: 8)
    let before = (0..<200).map { _ in generator.bell() }
    let sorted = before.map(\.magnitude).sorted()
    var values = before
    #expect(OutlierTrimming(density: 0.5, gamma: 0.1).trim(&values) == 100)
    for (old, new) in zip(before, values) {
      let isBetween = old.magnitude >= sorted[80] && old.magnitude < sorted[180]
      #expect(new == (isBetween ? old : 0))
    }
    // mergekit's slice [:-0] drops all of them.
    values = before
    #expect(OutlierTrimming(density: 0.9, gamma: 0.001).trim(&values) == 180)
    #expect(values.count { $0 != 0 } == 180)
    // More than all: fewer outliers are dropped.
    values = before
    #expect(OutlierTrimming(density: 0.95, gamma: 0.2).trim(&values) == 190)
    #expect(values.count { $0 != 0 } == 190)
    values = before
    #expect(OutlierTrimming(density: 1, gamma: 0.01).trim(&values) == 200)
    #expect(values == before)
  }

  /// With n independent draws of a mean x and a variance x²(1−p)/p, the sum of n of them lies within
  /// 6 standard deviations of n·x but for one in 5·10⁸ seeds; the seed is fixed.
  @Test(arguments: [0.1, 0.5, 0.9])
  func `DARE keeps the expectation`(density: Double) {
    let count = 200_000
    var values = [Float](repeating: 1.5, count: count)
    var randomness = NamedRandomness(seed: 3, name: "expectation")
    let kept = RandomDropping(density: density).drop(&values, &randomness)
    #expect(kept == values.count { $0 != 0 })
    let n = Double(count)
    #expect(abs(Double(kept) - n * density) < 6 * (n * density * (1 - density)).squareRoot())
    let sum = values.reduce(0.0) { $0 + Double($1) }
    #expect(abs(sum - n * 1.5) < 6 * 1.5 * (n * (1 - density) / density).squareRoot())
  }

  /// Σ x over kept entries, each divided by its p, has the mean Σ x and the variance Σ x²(1−p)/p.
  @Test func `DELLA keeps the expectation, and large entries likelier`() {
    let columns = 50
    let method = RankedDropping(density: 0.4, epsilon: 0.3)
    var generator = SeededGenerator(seed: 9)
    let row = (0..<columns).map { _ in generator.bell() }
    let order = row.indices.sorted { row[$0].magnitude < row[$1].magnitude }
    let rounds = 4000
    var values = (0..<rounds).flatMap { _ in row }
    var randomness = NamedRandomness(seed: 4, name: "ranked")
    _ = method.drop(&values, columns: columns, &randomness)
    for (rank, column) in order.enumerated() {
      let p = method.probability(ofRank: rank, among: columns)
      #expect(abs(p - (0.1 + 0.6 * Double(rank) / 49)) < 1e-12)
      let drawn = (0..<rounds).map { Double(values[$0 * columns + column]) }
      let n = Double(rounds)
      let kept = Double(drawn.count { $0 != 0 })
      #expect(abs(kept - n * p) < 6 * (n * p * (1 - p)).squareRoot())
      let x = Double(row[column])
      #expect(abs(drawn.reduce(0, +) - n * x) < 6 * abs(x) * (n * (1 - p) / p).squareRoot() + 1e-3)
    }
  }

  @Test func `a density of 1 draws nothing away`() {
    let before = Self.values(99, seed: 10)
    var randomness = NamedRandomness(seed: 5, name: "")
    for sparsifier in [
      Sparsifier.random(RandomDropping(density: 1)),
      .ranked(RankedDropping(density: 1, epsilon: 0)), .trim(Trimming(density: 1)),
    ] {
      var values = before
      #expect(sparsifier.apply(to: &values, columns: 9, &randomness) == 99)
      #expect(values == before)
    }
  }

  @Test func `elections are those of the definition`() {
    // Entries: agreement, conflict won by size, by number, by weight, a tie, zeros.
    let deltas: [[Float]] = [
      [1, 3, -3, 1, 1, 0], [2, -1, 1, -2, -1, 0], [3, -1, 1, 0, 0, 4],
    ]
    let weights = [0.5, 2, 1]
    func merged(_ majority: SignElection.Majority, _ divisor: SignElection.Divisor) -> [Double] {
      SignElection(majority: majority, divisor: divisor).merged(deltas, weights: weights).merged
    }
    #expect(merged(.total, .count) == [7.5 / 3, 1.5, -1.5, -4, 0.5, 4])
    #expect(merged(.frequency, .none) == [7.5, -3, 3, 0.5, 0.5, 4])
    #expect(merged(.weighted, .weights) == [7.5 / 3.5, -1, 1, -2, -1, 4])
    #expect(
      SignElection().merged(deltas, weights: weights).conflictCount == 4)
  }
}
