import Compute
import TestSupport
import Testing

@testable import Adapters

/// The analysis beside what the formed deltas say in Double.
@Suite struct AdapterOverlapTests {
  private static func overlap(
    _ adapters: [(Adapter, Double)], old: Adapter? = nil
  ) throws -> AdapterOverlap {
    try AdapterOverlap(
      try CombinePlanTests.members(adapters),
      ancestor: try old.map { try CombinePlanTests.members([($0, 1)])[0] }, execution: .small)
  }

  @Test(arguments: [[1.0, 1, 1], [0.5, -0.25, 2]])
  func `cosines, norms and signs are those of the formed deltas`(weights: [Double]) throws {
    let folder = try MadeFolder()
    let adapters = try (0..<3).map {
      try CombinePlanTests.adapter(folder, "a\($0)", rank: 2 + $0, seed: UInt64($0))
    }
    let found = try Self.overlap(Array(zip(adapters, weights)))
    for weight in found.weights {
      let module = weight.weight.target.module.path
      let deltas = try zip(adapters, weights).map {
        try CombinePlanTests.delta($0, module).times($1 < 0 ? -1 : 1)
      }
      let sum = zip(deltas, weights).map { $0.times(abs($1)) }.reduce(deltas[0].times(0)) {
        $0.plus($1)
      }
      #expect(abs(weight.sumNorm - sum.frobeniusNorm) < 1e-12 * sum.frobeniusNorm)
      var conflicts = 0
      for place in deltas[0].elements.indices {
        let own = deltas.map { $0.elements[place] }
        if own.contains(where: { $0 > 0 }), own.contains(where: { $0 < 0 }) { conflicts += 1 }
      }
      // Signs are those of single precision: no entry here is near 0.
      #expect(weight.conflictCount == conflicts)
      #expect(weight.elementCount == 280)
      let pairs = found.pairs(of: [weight])
      #expect(pairs.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
      for pair in pairs {
        let (a, b) = (deltas[pair.first], deltas[pair.second])
        let cosine = a.innerProduct(with: b) / a.frobeniusNorm / b.frobeniusNorm
        #expect(abs(try #require(pair.cosine) - cosine) < 1e-12)
        let opposed = zip(a.elements, b.elements).count { ($0 > 0) != ($1 > 0) }
        #expect(pair.opposedCount == opposed && pair.sharedCount == 280)
        let (u, v) = (try Self.span(a, 2 + pair.first), try Self.span(b, 2 + pair.second))
        for (own, left) in [(pair.outputs, true), (pair.inputs, false)] {
          let cosines =
            left
            ? u.left.transposedTimes(v.left) : u.right.timesTransposed(v.right)
          let similarity =
            cosines.elements.reduce(0) { $0 + $1 * $1 } / Double(2 + pair.first)
          #expect(abs(try #require(own.similarity) - similarity) < 1e-9)
        }
      }
    }
    #expect(
      abs(found.sumNorm * found.sumNorm - found.weights.reduce(0) { $0 + $1.sumNorm * $1.sumNorm })
        < 1e-9)
  }

  private static func span(_ delta: RealMatrix, _ rank: Int) throws -> SingularValueDecomposition {
    try SingularValueDecomposition(of: delta).truncated(to: rank)
  }

  @Test func `an adapter and itself are one direction, and it and its negative cancel`() throws {
    let folder = try MadeFolder()
    let a = try CombinePlanTests.adapter(folder, "a", rank: 3, seed: 1)
    let same = try #require(try Self.overlap([(a, 1), (a, 1)]).weights.first)
    #expect(abs(try #require(same.pairs[0].cosine) - 1) < 1e-12)
    #expect(abs(try #require(same.pairs[0].outputs.similarity) - 1) < 1e-12)
    #expect(same.pairs[0].conflictShare == 0 && same.conflictCount == 0)
    #expect(abs(same.sumNorm - 2 * (same.norms[0] ?? 0)) < 1e-9)
    let opposite = try #require(try Self.overlap([(a, 1), (a, -1)]).weights.first)
    #expect(abs(try #require(opposite.pairs[0].cosine) + 1) < 1e-12)
    #expect(opposite.pairs[0].conflictShare == 1)
    #expect(opposite.sumNorm < 1e-9 * opposite.orthogonalNorm)
  }

  @Test func `what changed since an ancestor is compared, and a missing weight is no pair`() throws
  {
    let folder = try MadeFolder()
    let old = try CombinePlanTests.adapter(folder, "old", rank: 2, seed: 1)
    let a = try CombinePlanTests.adapter(folder, "a", rank: 3, seed: 2)
    let b = try CombinePlanTests.adapter(
      folder, "b", rank: 2, seed: 3, modules: ["model.layers.1.q_proj"])
    let since = try Self.overlap([(a, 1), (old, 1)], old: old)
    #expect(since.weights.allSatisfy { $0.norms[1] == nil && $0.pairs.isEmpty })
    let lacking = try Self.overlap([(a, 1), (b, 1)])
    #expect(lacking.weights.map(\.pairs.count) == [0, 1])
    #expect(lacking.notes.contains { $0.contains("no update of 1 of the 2 weights") })
    let all = try #require(lacking.pairs(of: lacking.weights).first)
    #expect(abs(all.firstSquare.squareRoot() - lacking.norm(of: 0)) < 1e-9)
    #expect(throws: AdapterError.self) { try Self.overlap([(a, 1)]) }
  }

  /// Extents that the tiles of the sign count do not divide, and more than one tile.
  @Test func `signs are counted tile by tile`() {
    let deltas = (0..<2).map { MadeDeltas.delta(150, 700, rank: 2, seed: UInt64(50 + $0)) }
    let tally = SignTally(deltas, form: .best)
    let formed = deltas.map { $0.formed(.best) }
    let opposed = zip(formed[0], formed[1]).count { $0 * $1 < 0 }
    let shared = zip(formed[0], formed[1]).count { $0 != 0 && $1 != 0 }
    #expect(tally.elementCount == 150 * 700)
    #expect(tally.conflictCount == opposed && tally.opposed == [opposed])
    #expect(tally.shared == [shared])
    #expect(SignTally(deltas, form: .scalar) == tally)
  }
}
