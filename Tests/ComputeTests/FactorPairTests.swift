import TestSupport
import Testing

@testable import Compute

/// Tolerances: `noiseFloor` for what a pair tells; the formed products that it is compared with are
/// right to 20·max(m, n)·2⁻⁵³ of their norms, as in `FactorisingTests`.
@Suite struct FactorPairTests {
  private static func factors(
    _ rows: Int, _ rank: Int, _ columns: Int, scaling: Double = 1.5, seed: UInt64
  ) -> ScaledFactors {
    ScaledFactors(
      left: SlowLinearAlgebra.matrix(rows, rank, seed: seed).rounded,
      right: SlowLinearAlgebra.matrix(rank, columns, seed: seed + 1000).rounded, scaling: scaling)
  }

  /// The product, formed in Double; zeros for none.
  private static func formed(_ factors: ScaledFactors?, like other: ScaledFactors) -> RealMatrix {
    guard let factors else {
      return RealMatrix(rows: other.left.rows, columns: other.right.columns)
    }
    return SlowLinearAlgebra.product(RealMatrix(factors.left), RealMatrix(factors.right))
      .scaled(by: factors.scaling)
  }

  private static func slack(_ matrix: RealMatrix) -> Double {
    20 * Double(max(matrix.rows, matrix.columns)) * 0x1p-53 * matrix.frobeniusNorm
  }

  static let shapes = [
    (1, 1, 1, 1), (5, 2, 7, 3), (40, 4, 17, 4), (31, 8, 33, 2), (24, 1, 20, 16), (9, 12, 7, 3),
  ]

  @Test(arguments: shapes)
  func `norms and cosines are those of the formed products`(
    shape: (rows: Int, old: Int, columns: Int, new: Int)
  ) throws {
    let one = Self.factors(shape.rows, shape.old, shape.columns, seed: 1)
    for (old, new) in [
      (one, Self.factors(shape.rows, shape.new, shape.columns, scaling: -0.3, seed: 9)),
      (one, Self.factors(shape.rows, shape.new, shape.columns, seed: 9)), (one, nil), (nil, one),
    ] as [(ScaledFactors?, ScaledFactors?)] {
      let pair = try FactorPair(from: old, to: new)
      let (before, after) = (Self.formed(old, like: one), Self.formed(new, like: one))
      let apart = SlowLinearAlgebra.difference(after, before)
      let limit =
        pair.noiseFloor * 4 + Self.slack(before) + Self.slack(after)
      let norms = try pair.norms([.spectral, .frobenius, .nuclear])
      for (measured, norm) in zip(norms, [MatrixNorm.spectral, .frobenius, .nuclear]) {
        let allowed = limit * (norm == .nuclear ? Double(shape.rows + shape.columns) : 3)
        for (value, matrix) in [
          (measured.old, before), (measured.new, after), (measured.distance, apart),
        ] {
          let expected = norm.value(ofSingularValues: SlowLinearAlgebra.singularValues(matrix))
          #expect(abs(value - expected) <= allowed, "\(norm) of seeds 1 and 9")
        }
      }
      #expect(
        abs(pair.innerProduct - before.innerProduct(with: after))
          <= limit * 8 * (before.frobeniusNorm + after.frobeniusNorm))
    }
  }

  @Test func `equal factors are exactly alike, and exchanging them keeps the distance`() throws {
    for seed in UInt64(0)..<10 {
      let one = Self.factors(70, 5, 1100, scaling: 1.0 / 3, seed: seed)
      let other = Self.factors(70, 3, 1100, scaling: 2, seed: seed + 40)
      let same = try FactorPair(from: one, to: one).norms([.spectral, .nuclear, .frobenius])
      #expect(same.allSatisfy { $0.distance == 0 })
      let there = try FactorPair(from: one, to: other)
      let back = try FactorPair(from: other, to: one)
      let (a, b) = (try there.norms([.spectral])[0], try back.norms([.spectral])[0])
      #expect(abs(a.distance - b.distance) <= there.noiseFloor + back.noiseFloor, "seed \(seed)")
      #expect(abs(a.old - b.new) <= there.noiseFloor + back.noiseFloor)
    }
  }

  @Test func `a change of one last place is measured to a millionth`() throws {
    let old = Self.factors(400, 8, 500, seed: 5)
    for index in [0, 77, 8 * 400 - 1] {
      var left = old.left
      left.elements[index] = left.elements[index].nextUp
      let new = ScaledFactors(left: left, right: old.right, scaling: old.scaling)
      let step = Double(left.elements[index]) - Double(old.left.elements[index])
      let row = index % 8 * 500..<(index % 8 + 1) * 500
      let length = old.right.elements[row].reduce(0.0) { $0 + Double($1) * Double($1) }
      let expected = abs(old.scaling * step) * length.squareRoot()
      // One row times one entry: spectral, Frobenius and nuclear norm are the same.
      for norms in try FactorPair(from: old, to: new).norms([.spectral, .frobenius, .nuclear]) {
        #expect(abs(norms.distance - expected) <= 1e-6 * expected)
      }
    }
  }

  @Test func `the distance to the best approximation is the next singular value`() throws {
    let old = Self.factors(60, 6, 50, seed: 3)
    let svd = try FactoredDecomposition(ofSumOf: [old]).decomposition()
    for kept in 1..<6 {
      let part = svd.truncated(to: kept)
      var left = part.left
      left.scaleColumns(by: part.values)
      let new = ScaledFactors(left: left.rounded, right: part.right.rounded, scaling: 1)
      let norms = try FactorPair(from: old, to: new).norms([.spectral])[0]
      // The factors of the approximation are rounded to Float once.
      #expect(abs(norms.distance - svd.values[kept]) <= 4 * 0x1p-24 * svd.values[0])
    }
  }

  @Test func `the norms are metrics that scale`() throws {
    for seed in UInt64(0)..<10 {
      let all = [2, 4, 3].enumerated().map {
        Self.factors(40, $1, 60, seed: seed * 10 + UInt64($0))
      }
      func distance(_ a: ScaledFactors, _ b: ScaledFactors, _ norm: MatrixNorm) throws -> Double {
        norm == .max
          ? try DifferenceNorms(largestEntriesFrom: a, to: b).distance
          : try FactorPair(from: a, to: b).norms([norm])[0].distance
      }
      func scaled(_ factors: ScaledFactors) -> ScaledFactors {
        ScaledFactors(left: factors.left, right: factors.right, scaling: -3 * factors.scaling)
      }
      for norm in MatrixNorm.allCases {
        let (ab, bc, ac) = (
          try distance(all[0], all[1], norm), try distance(all[1], all[2], norm),
          try distance(all[0], all[2], norm)
        )
        #expect(ac <= (ab + bc) * (1 + 1e-12) && ab > 0, "seed \(seed), \(norm)")
        let three = try distance(scaled(all[0]), scaled(all[1]), norm)
        #expect(abs(three - 3 * ab) <= 1e-11 * three)
      }
      let norms = try FactorPair(from: all[0], to: all[1]).norms([.spectral, .frobenius, .nuclear])
      #expect(norms[0].distance <= norms[1].distance && norms[1].distance <= norms[2].distance)
    }
  }

  @Test func `stacked core, dense decomposition and Krylov space agree`() throws {
    let (old, new) = (Self.factors(700, 9, 620, seed: 1), Self.factors(700, 5, 620, seed: 2))
    let pair = try FactorPair(from: old, to: new).norms([.spectral])[0].distance
    let negative = ScaledFactors(left: old.left, right: old.right, scaling: -old.scaling)
    let stacked = try FactoredDecomposition(ofSumOf: [new, negative]).values()[0]
    func formed(_ factors: ScaledFactors) -> RealMatrix {
      RealMatrix(factors.left).times(RealMatrix(factors.right)).scaled(by: factors.scaling)
    }
    let dense = formed(new).minus(formed(old))
    let whole = try SingularValueDecomposition.values(of: dense)[0]
    var randomness = NamedRandomness(seed: 1, name: "agree")
    let krylov = try SpectralNorm(of: dense.rounded, randomness: &randomness)
    #expect(abs(pair - stacked) <= 1e-12 * pair && abs(pair - whole) <= 1e-12 * pair)
    #expect(abs(pair - krylov.lower) <= 1e-5 * pair && pair <= krylov.upper)
  }

  @Test func `the largest entries are those of the formed products, across tiles`() throws {
    let (old, new) = (Self.factors(520, 3, 530, seed: 4), Self.factors(520, 2, 530, seed: 5))
    let norms = try DifferenceNorms(largestEntriesFrom: old, to: new)
    let (before, after) = (Self.formed(old, like: old), Self.formed(new, like: old))
    func most(_ matrix: RealMatrix) -> Double { matrix.elements.map(abs).max() ?? 0 }
    #expect(
      abs(norms.distance - most(SlowLinearAlgebra.difference(after, before))) <= norms.errorBound)
    #expect(abs(norms.old - most(before)) <= norms.errorBound && norms.errorBound < 1e-12)
    #expect(abs(norms.new - most(after)) <= norms.errorBound)
    #expect(try DifferenceNorms(largestEntriesFrom: old, to: old).distance == 0)
  }

  @Test func `principal angles are told down to the smallest`() throws {
    // Two planes in five dimensions that share e₁ and lean by θ from e₂ towards e₃.
    for theta in [1e-7, 0.01, 0.8, 1.5] {
      var left = Matrix(rows: 5, columns: 2, elements: [Float](repeating: 0, count: 10))
      left.elements[0] = 2
      left.elements[3] = 1
      let right = SlowLinearAlgebra.matrix(2, 6, seed: 8).rounded
      var other = left
      other.elements[3] = 1
      other.elements[5] = Float(theta < 1 ? theta : 14.1)
      let tangent = Double(other.elements[5])
      let pair = try FactorPair(
        from: ScaledFactors(left: left, right: right, scaling: 1),
        to: ScaledFactors(left: other, right: right, scaling: 1))
      let angles = try pair.angles(count: 5)
      #expect(angles.left.oldCount == 2 && angles.left.newCount == 2)
      #expect(angles.left.angles[0] <= 1e-14 * 100)
      // tan θ is what was set.
      let expected = tangent / (1 + tangent * tangent).squareRoot()
      #expect(abs(angles.left.chordalDistance - expected) <= 1e-13 * 10 + 1e-8 * expected)
      #expect(angles.right.angles.allSatisfy { $0 < 1e-12 })
      #expect(abs((angles.right.overlap ?? 0) - 1) < 1e-12)
      #expect(angles.left.dimension == 5 && angles.left.randomOverlap == 0.4)
    }
  }

  @Test func `what is not finite is refused`() {
    var left = SlowLinearAlgebra.matrix(4, 2, seed: 1).rounded
    left.elements[3] = .nan
    let odd = ScaledFactors(
      left: left, right: SlowLinearAlgebra.matrix(2, 3, seed: 2).rounded, scaling: 1)
    #expect(throws: ComputeError.notFinite) { try FactorPair(from: odd, to: odd) }
    #expect(throws: ComputeError.notFinite) {
      try DifferenceNorms(largestEntriesFrom: nil, to: odd)
    }
  }

  @Test func `coordinates keep the vectors' inner products, over any number of blocks`() {
    for length in [1, 3, StreamedTriangle.blockWidth, 2 * StreamedTriangle.blockWidth + 5] {
      let vectors = SlowLinearAlgebra.matrix(7, length, seed: 6)
      var triangle = StreamedTriangle(count: 7)
      for start in stride(from: 0, to: length, by: StreamedTriangle.blockWidth) {
        let range = start..<min(length, start + StreamedTriangle.blockWidth)
        var block = (0..<7).flatMap { row in range.map { vectors[row, $0] } }
        triangle.fold(&block, width: range.count)
      }
      let found = triangle.coordinates
      for row in 0..<7 { for column in row + 1..<7 { #expect(found[row, column] == 0) } }
      let difference = SlowLinearAlgebra.difference(
        SlowLinearAlgebra.product(found, found.transposed),
        SlowLinearAlgebra.product(vectors, vectors.transposed))
      let squares = vectors.frobeniusNorm * vectors.frobeniusNorm
      #expect(difference.frobeniusNorm <= 20 * Double(length + 7) * 0x1p-53 * squares)
    }
  }
}
