import Compute
import TestSupport
import Testing

@testable import Adapters

/// What must hold of every method, whatever the deltas.
///
/// Tolerance: formed deltas are right to rank · 2⁻²⁴ of the largest entry, factored ones to rounding in
/// Double; 10⁻⁵ covers ranks up to 60 with a factor of 3 to spare.
@Suite struct CombiningLawTests {
  private static let tolerance = 1e-5

  /// Options under which a method leaves one delta as it is: nothing is dropped.
  private static func lossless(_ method: CombineMethod) -> CombineOptions {
    .made(method) { options in
      if method.hasDensity { options.density = 1 }
      if [.breadcrumbs, .breadcrumbsTIES].contains(method) { options.gamma = 0 }
    }
  }

  static let ofOne = CombineMethod.allCases.filter {
    $0.memberCounts.contains(1) && $0 != .isoC
  }

  @Test(arguments: ofOne)
  func `one adapter with the weight 1 stays as it is`(_ method: CombineMethod) throws {
    let delta = MadeDeltas.delta(23, 40, rank: 5, seed: 1)
    let found = try MadeDeltas.combined([delta], [1], Self.lossless(method))
    #expect(found.deviation(from: delta.product) < Self.tolerance)
  }

  @Test func `SLERP is its ends at 0 and 1`() throws {
    let (a, b) = (
      MadeDeltas.delta(9, 14, rank: 3, seed: 2), MadeDeltas.delta(9, 14, rank: 2, seed: 3)
    )
    for (t, end) in [(0.0, a), (1.0, b)] {
      let found = try MadeDeltas.combined([a, b], [1, 1], .made(.slerp) { $0.t = t })
      #expect(found.deviation(from: end.product) < Self.tolerance)
    }
  }

  @Test func `Iso-C leaves a delta of equal singular values as it is`() throws {
    // Orthonormal vectors, from the factorisation of a random delta.
    let vectors = try SingularValueDecomposition(
      of: MadeDeltas.delta(18, 25, rank: 4, seed: 6).product
    ).truncated(to: 4)
    let flat = FactoredDelta(left: vectors.left, right: vectors.right).scaled(by: 1.75)
    let found = try MadeDeltas.combined([flat], [1], CombineOptions(.isoC))
    #expect(found.deviation(from: flat.product) < Self.tolerance)
  }

  @Test func `Iso-C keeps the nuclear norm and makes singular values equal`() throws {
    let deltas = [
      MadeDeltas.delta(20, 31, rank: 4, seed: 4), MadeDeltas.delta(20, 31, rank: 3, seed: 5),
    ]
    let before = try SingularValueDecomposition.values(
      of: FactoredDelta.sum(deltas).product)
    let after = try SingularValueDecomposition.values(
      of: try MadeDeltas.combined(deltas, [1, 1], .made(.isoC)))
    #expect(abs(before.reduce(0, +) - after.reduce(0, +)) < Self.tolerance * before[0])
    #expect(after.count { $0 > before[0] * 1e-9 } == 7)
    #expect(after[0] - after[6] < Self.tolerance * after[0])
  }

  @Test(arguments: CombineMethod.allCases.filter(\.hasWeights))
  func `λ multiplies the result`(_ method: CombineMethod) throws {
    let deltas = (0..<3).map { MadeDeltas.delta(12, 17, rank: 3, seed: UInt64(10 + $0)) }
    var options = CombineOptions(method)
    let plain = try MadeDeltas.combined(deltas, [0.5, -0.25, 1], options)
    options.lambda = -2
    let scaled = try MadeDeltas.combined(deltas, [0.5, -0.25, 1], options)
    #expect(scaled.deviation(from: plain.times(-2)) < 1e-6)
  }

  @Test(arguments: CombineMethod.allCases.filter(\.hasWeights))
  func `the weight −1 is the negated adapter`(_ method: CombineMethod) throws {
    let deltas = (0..<3).map { MadeDeltas.delta(12, 17, rank: 3, seed: UInt64(20 + $0)) }
    let turned = [deltas[0], deltas[1].scaled(by: -1), deltas[2]]
    let options = CombineOptions(method)
    let one = try MadeDeltas.combined(deltas, [1, -0.5, 1], options)
    let other = try MadeDeltas.combined(turned, [1, 0.5, 1], options)
    #expect(one.deviation(from: other) < Self.tolerance)
  }

  @Test(arguments: CombineMethod.allCases.filter(\.hasWeights))
  func `scaling all deltas scales the result`(_ method: CombineMethod) throws {
    let deltas = (0..<2).map { MadeDeltas.delta(11, 8, rank: 2, seed: UInt64(30 + $0)) }
    let options = CombineOptions(method)
    let plain = try MadeDeltas.combined(deltas, [1, 1], options)
    let small = try MadeDeltas.combined(deltas.map { $0.scaled(by: 0x1p-40) }, [1, 1], options)
    #expect(small.deviation(from: plain.times(0x1p-40)) < 1e-6)
  }

  /// Copies agree in every sign, direction and angle. What a mean makes of them is one of them, what
  /// a sum makes of them their number.
  @Test(arguments: CombineMethod.allCases.filter { $0.memberCounts.contains(3) && $0 != .isoC })
  func `copies of one adapter are a multiple of it`(_ method: CombineMethod) throws {
    let delta = MadeDeltas.delta(14, 33, rank: 4, seed: 40)
    let found = try MadeDeltas.combined(
      [delta, delta, delta], [1, 1, 1], Self.lossless(method))
    let isMean = method == .modelStock || method == .tsv || method.electsSigns && method != .knots
    #expect(
      found.deviation(from: delta.product.times(isMean ? 1 : 3)) < Self.tolerance)
  }

  @Test(arguments: CombineMethod.allCases.filter { $0 != .slerp })
  func `deltas of zeros give zero`(_ method: CombineMethod) throws {
    let zero = FactoredDelta(
      left: RealMatrix(rows: 6, columns: 2), right: RealMatrix(rows: 2, columns: 7))
    let found = try MadeDeltas.combined([zero, zero], [1, 1], CombineOptions(method))
    #expect(found.elements.allSatisfy { $0 == 0 })
  }

  @Test func `zeros beside a delta are no member of an election, and SLERP's chord`() throws {
    let zero = FactoredDelta(
      left: RealMatrix(rows: 6, columns: 2), right: RealMatrix(rows: 2, columns: 7))
    let delta = MadeDeltas.delta(6, 7, rank: 2, seed: 41)
    let ties = try MadeDeltas.combined([zero, delta], [1, 1], Self.lossless(.ties))
    #expect(ties.deviation(from: delta.product) < Self.tolerance)
    let chord = try MadeDeltas.combined([zero, delta], [1, 1], .made(.slerp) { $0.t = 0.25 })
    #expect(chord.deviation(from: delta.product.times(0.25)) < Self.tolerance)
  }

  @Test
  func `SLERP takes the chord between nearly parallel deltas, and keeps norms between others`()
    throws
  {
    let a = MadeDeltas.delta(10, 12, rank: 3, seed: 42)
    let near = FactoredDelta.sum([a, MadeDeltas.delta(10, 12, rank: 1, seed: 43).scaled(by: 1e-3)])
    let shares = SphericalInterpolation(at: 0.3, from: a, to: near)
    #expect(shares.first == 0.7 && shares.second == 0.3)
    let opposite = SphericalInterpolation(at: 0.3, from: a, to: a.scaled(by: -2))
    #expect(opposite.first == 0.7 && opposite.cosine == -1)

    let b = MadeDeltas.delta(10, 12, rank: 2, seed: 44)
    let equal = b.scaled(by: (a.inner(a) / b.inner(b)).squareRoot())
    let middle = try MadeDeltas.combined([a, equal], [1, 1], CombineOptions(.slerp))
    #expect(abs(middle.frobeniusNorm / a.product.frobeniusNorm - 1) < Self.tolerance)
  }

  @Test func `model stock takes nothing of deltas that point away from one another`() throws {
    let a = MadeDeltas.delta(10, 12, rank: 3, seed: 45)
    let stock = ModelStock(of: [a, a.scaled(by: -1)], count: 2)
    #expect(stock.ratio == 0)
    #expect(ModelStock(count: 3, cosines: [0, 0, 0]).ratio == 0)
    #expect(ModelStock(count: 3, cosines: [1, 1, 1]).ratio == 1)
    #expect(abs(ModelStock(count: 2, cosines: [-0.1]).ratio + 0.2 / 0.9) < 1e-12)
    #expect(ModelStock(count: 2, cosines: [-0.6]).ratio == 0)
    #expect(abs((stock.cosine ?? 0) + 1) < 1e-12)
    let found = try MadeDeltas.combined(
      [a, a.scaled(by: -1)], [1, 1], CombineOptions(.modelStock))
    #expect(found.elements.allSatisfy { $0 == 0 })
  }

  @Test func `TSV-Merge and Iso-C see no direction in the rounding of shared ones`() throws {
    let a = MadeDeltas.delta(30, 30, rank: 3, seed: 46)
    // The same product from other factors, rounded to single precision again.
    let rounded = FactoredDelta(
      left: RealMatrix(
        a.left.times(RealMatrix(rows: 3, columns: 3, elements: [1, 0.5, 0, 0, 1, 0.25, 0, 0, 1]))
          .rounded),
      right: RealMatrix(
        RealMatrix(rows: 3, columns: 3, elements: [1, -0.5, 0.125, 0, 1, -0.25, 0, 0, 1]).times(
          a.right
        ).rounded))
    let tsv = try MadeDeltas.combined([a, rounded], [1, 1], CombineOptions(.tsv))
    #expect(tsv.deviation(from: a.product) < Self.tolerance)
    let iso = try SingularValueDecomposition.values(
      of: try MadeDeltas.combined([a, rounded], [1, -1], CombineOptions(.isoC)))
    #expect(iso.allSatisfy { $0 < 1e-5 * a.product.frobeniusNorm })
    let flat = try SingularValueDecomposition.values(
      of: try MadeDeltas.combined([a, rounded], [1, 1], CombineOptions(.isoC)))
    #expect(flat.count { $0 > 1e-6 * flat[0] } == 3)
  }
}
