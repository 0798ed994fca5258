import Testing

@testable import Compute

/// The slow twin is LAPACK's decomposition of the whole matrix in Double.
///
/// Passes are in Float: a Ritz value carries their rounding, by Higham and Mary √n·2⁻²⁴·‖A‖_F times a
/// small constant for each of the two passes behind it; `passError` takes 8.
@Suite struct KrylovTests {
  private static func passError(_ matrix: Matrix) -> Double {
    8 * Double(max(matrix.rows, matrix.columns)).squareRoot() * 0x1p-24
      * matrix.squaredFrobeniusNorm.squareRoot()
  }

  /// A matrix of known decay, whose singular vectors are random, rounded to Float.
  static func matrix(
    _ rows: Int, _ columns: Int, seed: UInt64, _ value: (Int) -> Double
  ) -> Matrix {
    let count = min(rows, columns)
    let left = SlowLinearAlgebra.matrix(rows, count, seed: seed).qr().q
    var right = SlowLinearAlgebra.matrix(columns, count, seed: seed + 1).qr().q.transposed
    right.scaleRows(by: (0..<count).map(value))
    return left.times(right).rounded
  }

  static let shapes = [(530, 640), (640, 530), (520, 520)]

  @Test(arguments: shapes)
  func `the whole spectrum by eigenvalues is that of the decomposition`(
    shape: (rows: Int, columns: Int)
  ) throws {
    let matrix = Self.matrix(shape.rows, shape.columns, seed: 1) { 1 / Double($0 + 1) }
    let exact = try SingularValueDecomposition.values(of: RealMatrix(matrix))
    let spectrum = try WholeSpectrum(of: matrix)
    #expect(spectrum.values.count == 520 || spectrum.values.count == 530)
    for (fast, slow) in zip(spectrum.values, exact) {
      #expect(abs(fast - slow) <= spectrum.error(of: slow))
    }
    #expect(spectrum.errorBound < 1e-12)
    let leading = try WholeSpectrum.leading(7, of: matrix)
    let whole = try SingularValueDecomposition(of: RealMatrix(matrix)).truncated(to: 7)
    let difference = SlowLinearAlgebra.difference(
      SlowLinearAlgebra.recomposed(leading), SlowLinearAlgebra.recomposed(whole))
    // Vectors are right to the eigenvalues' error over their gaps, (1/7² − 1/8²) at the least.
    #expect(difference.frobeniusNorm <= 1e-9)
  }

  @Test(arguments: shapes)
  func `Ritz values stay below the singular values and find the leading ones`(
    shape: (rows: Int, columns: Int)
  ) throws {
    let matrix = Self.matrix(shape.rows, shape.columns, seed: 3) { 1 / (1 + Double($0) / 8) }
    let exact = try SingularValueDecomposition.values(of: RealMatrix(matrix))
    var randomness = NamedRandomness(seed: 0, name: "a.weight")
    var finder = try RangeFinder(of: matrix, expectedRank: 16, randomness: &randomness)
    while !finder.isSettled(16) { try finder.expand() }
    #expect(!finder.isWhole)
    let limit = Self.passError(matrix)
    for (ritz, sigma) in zip(finder.values, exact) { #expect(ritz <= sigma + limit) }
    // What a settled space misses of the best possible energy, by a geometric series of gains.
    let best = exact.prefix(16).reduce(0.0) { $0 + $1 * $1 }
    let found = finder.values.prefix(16).reduce(0.0) { $0 + $1 * $1 }
    let tail = finder.squaredNorm - best
    #expect(found >= best - 2e-3 * tail && found <= best + limit * 16)
    #expect(abs(finder.spectrum.reduce(0.0) { $0 + $1 * $1 } / finder.squaredNorm - 1) < 1e-12)
    #expect(finder.spectrum.count == min(shape.rows, shape.columns))
    #expect(finder.spectrum == finder.spectrum.sorted(by: >))
  }

  @Test func `a planted rank is found whole, by a space and by the factors`() throws {
    let left = SlowLinearAlgebra.matrix(700, 12, seed: 5)
    let right = SlowLinearAlgebra.matrix(12, 600, seed: 6)
    let matrix = left.times(right).rounded
    let factored = try FactoredDecomposition(left: left, right: right)
    let dense = try SingularValueDecomposition.values(of: RealMatrix(matrix))
    var randomness = NamedRandomness(seed: 0, name: "planted")
    var finder = try RangeFinder(of: matrix, expectedRank: 12, randomness: &randomness)
    while !finder.isSettled(12) { try finder.expand() }
    for (index, value) in try factored.values().enumerated() {
      #expect(abs(finder.values[index] - value) <= 1e-5 * value)
      #expect(abs(dense[index] - value) <= 1e-5 * value)
    }
    // Beyond the rank there is rounding alone, and the space stays orthonormal there.
    #expect(finder.values[12] <= Self.passError(matrix))
    var space = KrylovSpace(of: matrix, blockSize: 8, randomness: &randomness)
    for _ in 0..<6 { space.expand() }
    var gram = space.basis.timesTransposed(space.basis)
    for index in 0..<gram.rows { gram[index, index] -= 1 }
    #expect(gram.frobeniusNorm < 0x1p-36)
    #expect(
      abs(finder.squaredNorm - dense.reduce(0.0) { $0 + $1 * $1 }) < 1e-9 * finder.squaredNorm)
  }

  @Test(arguments: [UInt64(0), 1, 2, 3])
  func `the interval holds the spectral norm, steep or flat`(seed: UInt64) throws {
    for kind in 0..<5 {
      let shape = [(530, 700), (700, 530), (530, 530), (600, 540), (90, 40)][kind]
      let matrix = Self.matrix(shape.0, shape.1, seed: 11 + seed) { place in
        switch kind {
        case 1: return 1 - Double(place) / 530
        case 2: return 1
        case 3: return place < 3 ? 1 : 0
        default: return 1 / Double(place + 1)
        }
      }
      let sigma = try SingularValueDecomposition.values(of: RealMatrix(matrix))
      var randomness = NamedRandomness(seed: seed, name: "norm")
      let norm = try SpectralNorm(of: matrix, randomness: &randomness)
      let u = 1e-13 * sigma[0]
      #expect(norm.lower <= sigma[0] + u && sigma[0] <= norm.upper + u)
      #expect(norm.upper <= 1.3 * norm.lower + Self.passError(matrix))
      let nearest = sigma.map { abs($0 - norm.lower) }.min() ?? .infinity
      #expect(nearest <= norm.residual + u)
    }
  }

  @Test func `the accepted chance decides how many blocks there must be`() {
    #expect(SpectralNorm.excess(columns: 4096, blocks: 1) == .infinity)
    // √ε = (ln(1.648·64) + ln(10¹⁰)/16) / 11
    #expect(abs(SpectralNorm.excess(columns: 4096, blocks: 6) - 1.2022) < 1e-3)
  }

  @Test func `the error of stored factors is what is left of the matrix`() throws {
    let matrix = Self.matrix(560, 530, seed: 21) { 1 / Double($0 + 1) }
    let svd = try SingularValueDecomposition(of: RealMatrix(matrix)).truncated(to: 9)
    var left = svd.left
    left.scaleColumns(by: svd.values)
    let (b, a) = (left.rounded, svd.right.rounded)
    let slow = SlowLinearAlgebra.difference(
      RealMatrix(matrix), RealMatrix(b).times(RealMatrix(a)))
    var rest = matrix
    var randomness = NamedRandomness(seed: 0, name: "error")
    let error = try ApproximationError(of: &rest, by: b, a, randomness: &randomness)
    #expect(abs(error.frobenius - slow.frobeniusNorm) <= error.rounding)
    let sigma = try SingularValueDecomposition.values(of: slow)
    #expect(error.spectral.lower - error.rounding <= sigma[0])
    #expect(sigma[0] <= error.spectralBound)
    #expect(error.spectralBound <= 1.55 * sigma[0])
    #expect(error.frobeniusBound < 1.001 * slow.frobeniusNorm)
  }

  @Test func `small matrices are decomposed whole, zeros and NaN are told`() throws {
    var randomness = NamedRandomness(seed: 0, name: "small")
    let matrix = Self.matrix(40, 30, seed: 31) { 1 / Double($0 + 1) }
    let finder = try RangeFinder(of: matrix, expectedRank: 4, randomness: &randomness)
    #expect(finder.isWhole && finder.isSettled(30) && finder.values.count == 30)
    #expect(try finder.leading(4).values == Array(finder.values.prefix(4)))
    let zero = Matrix(rows: 600, columns: 600, elements: [Float](repeating: 0, count: 360_000))
    #expect(try SpectralNorm(of: zero, randomness: &randomness).upper == 0)
    for odd in [Float.nan, .infinity] {
      var broken = matrix
      broken.elements[7] = odd
      #expect(throws: ComputeError.notFinite) {
        try RangeFinder(of: broken, expectedRank: 4, randomness: &randomness)
      }
      #expect(throws: ComputeError.notFinite) { try WholeSpectrum(of: broken) }
      #expect(throws: ComputeError.notFinite) {
        try SpectralNorm(of: broken, randomness: &randomness)
      }
    }
  }

  @Test func `the same name gives the same bits`() throws {
    let matrix = Self.matrix(530, 560, seed: 41) { 1 / Double($0 + 1) }
    func values(_ name: String) throws -> [Double] {
      var randomness = NamedRandomness(seed: 0, name: name)
      return try RangeFinder(of: matrix, expectedRank: 8, randomness: &randomness).values
    }
    #expect(try values("x") == values("x"))
    #expect(try values("x") != values("y"))
  }
}
