import Testing

@testable import Compute

/// Tolerances: Householder factorisations and dgesdd are backward stable, so that singular values and
/// products are right to p(m, n)·u·‖M‖ with u = 2⁻⁵³ and a modest p (Golub and Van Loan, 5.2, 8.6);
/// p = 20·max(m, n) holds for both.
@Suite struct FactorisingTests {
  private static func bound(_ matrix: RealMatrix) -> Double {
    20 * Double(max(matrix.rows, matrix.columns)) * 0x1p-53 * matrix.frobeniusNorm
  }

  /// ‖QᵀQ − 1‖
  private static func defect(_ q: RealMatrix) -> Double {
    var gram = SlowLinearAlgebra.product(q.transposed, q)
    for index in 0..<gram.rows { gram[index, index] -= 1 }
    return gram.frobeniusNorm
  }

  static let shapes = [
    (1, 1), (5, 3), (3, 5), (64, 8), (8, 65), (33, 33), (70, 1), (1, 70), (130, 67),
  ]

  @Test(arguments: shapes)
  func `products are those of the triple loop`(shape: (rows: Int, columns: Int)) {
    let a = SlowLinearAlgebra.matrix(shape.rows, shape.columns, seed: 1)
    let b = SlowLinearAlgebra.matrix(shape.columns, 7, seed: 2)
    let c = SlowLinearAlgebra.matrix(9, shape.columns, seed: 3)
    let limit = Self.bound(a) * 10
    func check(_ fast: RealMatrix, _ slow: RealMatrix) {
      #expect(SlowLinearAlgebra.difference(fast, slow).frobeniusNorm <= limit)
    }
    check(a.times(b), SlowLinearAlgebra.product(a, b))
    check(a.timesTransposed(c), SlowLinearAlgebra.product(a, c.transposed))
    check(a.transposedTimes(a), SlowLinearAlgebra.product(a.transposed, a))
  }

  @Test(arguments: shapes)
  func `QR and LQ give the matrix back, from orthonormal and triangular factors`(
    shape: (rows: Int, columns: Int)
  ) {
    let tall = SlowLinearAlgebra.matrix(
      max(shape.rows, shape.columns), min(shape.rows, shape.columns), seed: 4)
    let (q, r) = tall.qr()
    #expect(Self.defect(q) <= Self.bound(tall))
    let back = SlowLinearAlgebra.product(q, r)
    #expect(SlowLinearAlgebra.difference(back, tall).frobeniusNorm <= Self.bound(tall))
    for row in 0..<r.rows { for column in 0..<row { #expect(r[row, column] == 0) } }

    let wide = tall.transposed
    let (l, p) = wide.lq()
    #expect(Self.defect(p.transposed) <= Self.bound(wide))
    let again = SlowLinearAlgebra.product(l, p)
    #expect(SlowLinearAlgebra.difference(again, wide).frobeniusNorm <= Self.bound(wide))
    for row in 0..<l.rows {
      for column in row + 1..<max(l.columns, row + 1) { #expect(l[row, column] == 0) }
    }
  }

  @Test(arguments: shapes)
  func `singular values are those of Jacobi rotations, and the factors give the matrix back`(
    shape: (rows: Int, columns: Int)
  ) throws {
    let matrix = SlowLinearAlgebra.matrix(shape.rows, shape.columns, seed: 5)
    let svd = try SingularValueDecomposition(of: matrix)
    let limit = Self.bound(matrix)
    #expect(svd.values == svd.values.sorted(by: >))
    for (fast, slow) in zip(svd.values, SlowLinearAlgebra.singularValues(matrix)) {
      #expect(abs(fast - slow) <= limit)
    }
    #expect(svd.values.count == min(shape.rows, shape.columns))
    #expect(
      zip(svd.values, try SingularValueDecomposition.values(of: matrix)).allSatisfy {
        abs($0 - $1) <= limit
      })
    #expect(Self.defect(svd.left) <= limit && Self.defect(svd.right.transposed) <= limit)
    let back = SlowLinearAlgebra.recomposed(svd)
    #expect(SlowLinearAlgebra.difference(back, matrix).frobeniusNorm <= limit)
  }

  @Test func `each left vector's largest entry is positive`() throws {
    let svd = try SingularValueDecomposition(of: SlowLinearAlgebra.matrix(20, 9, seed: 6))
    for column in 0..<9 {
      let entries = (0..<20).map { svd.left[$0, column] }
      #expect(entries.max { abs($0) < abs($1) }.map { $0 > 0 } == true)
    }
  }

  @Test func `what is not finite is refused, what is empty has no singular values`() throws {
    for odd in [Double.nan, .infinity, -.infinity] {
      var matrix = SlowLinearAlgebra.matrix(4, 3, seed: 7)
      matrix[2, 1] = odd
      #expect(throws: ComputeError.notFinite) { try SingularValueDecomposition(of: matrix) }
      #expect(throws: ComputeError.notFinite) {
        try FactoredDecomposition(left: matrix, right: SlowLinearAlgebra.matrix(3, 5, seed: 8))
      }
    }
    let none = try SingularValueDecomposition(of: RealMatrix(rows: 0, columns: 5))
    #expect(none.values.isEmpty && none.right.columns == 5)
    #expect(try SingularValueDecomposition(of: RealMatrix(rows: 3, columns: 2)).values == [0, 0])
  }

  @Test(arguments: [(40, 4, 30), (30, 30, 30), (5, 9, 40), (40, 9, 5), (6, 20, 7), (17, 1, 1)])
  func `a factored product has the singular values of the formed one`(
    shape: (rows: Int, depth: Int, columns: Int)
  ) throws {
    let left = SlowLinearAlgebra.matrix(shape.rows, shape.depth, seed: 9)
    let right = SlowLinearAlgebra.matrix(shape.depth, shape.columns, seed: 10)
    let formed = SlowLinearAlgebra.product(left, right)
    let factored = try FactoredDecomposition(left: left, right: right)
    let limit = factored.noiseFloor + Self.bound(formed)
    let svd = try factored.decomposition()
    #expect(svd.values.count == min(shape.rows, shape.depth, shape.columns))
    for (fast, slow) in zip(svd.values, SlowLinearAlgebra.singularValues(formed)) {
      #expect(abs(fast - slow) <= limit)
    }
    let back = SlowLinearAlgebra.recomposed(svd)
    #expect(SlowLinearAlgebra.difference(back, formed).frobeniusNorm <= 20 * limit)
  }

  @Test func `a difference of equal products is below its noise floor`() throws {
    let factors = ScaledFactors(
      left: SlowLinearAlgebra.matrix(50, 6, seed: 11).rounded,
      right: SlowLinearAlgebra.matrix(6, 40, seed: 12).rounded, scaling: 2)
    let other = ScaledFactors(left: factors.left, right: factors.right, scaling: -2)
    let difference = try FactoredDecomposition(ofSumOf: [factors, other])
    #expect(try difference.values().allSatisfy { $0 <= difference.noiseFloor })
    #expect(difference.noiseFloor < 1e-12 * factors.left.frobenius * factors.right.frobenius * 8)
  }

  @Test func `randomness depends on seed and name alone`() {
    var (one, same) = (NamedRandomness(seed: 1, name: "a.b"), NamedRandomness(seed: 1, name: "a.b"))
    var (other, next) = (
      NamedRandomness(seed: 1, name: "a.c"), NamedRandomness(seed: 2, name: "a.b")
    )
    let matrix = one.normalMatrix(rows: 50, columns: 41)
    #expect(matrix == same.normalMatrix(rows: 50, columns: 41))
    #expect(matrix != other.normalMatrix(rows: 50, columns: 41))
    #expect(matrix != next.normalMatrix(rows: 50, columns: 41))
    let count = Double(matrix.elements.count)
    let mean = matrix.elements.reduce(0, +) / count
    let variance = matrix.elements.reduce(0.0) { $0 + $1 * $1 } / count
    // Five standard errors: 1/√n and √(2/n).
    #expect(abs(mean) < 5 / count.squareRoot() && abs(variance - 1) < 5 * (2 / count).squareRoot())
  }
}

extension Matrix {
  fileprivate var frobenius: Double { RealMatrix(self).frobeniusNorm }
}
