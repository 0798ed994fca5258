import Testing

@testable import Compute

/// The coordinates of vectors by Gram matrices and by reflections, against what they must satisfy.
struct ThinBasisTests {
  /// Vectors of very different lengths, whose angles stay what they are.
  private func stretched(_ matrix: RealMatrix) -> RealMatrix {
    var matrix = matrix
    matrix.scaleRows(by: (0..<matrix.rows).map { $0.isMultiple(of: 2) ? 1 : 1e-9 })
    return matrix
  }

  /// Each row's error is relative to its own length: κ · 2⁻⁵³ with room for the sums' rounding.
  private func limit(_ basis: ThinBasis, length: Int) -> Double {
    basis.amplification * 0x1p-53 * 8 * Double(length).squareRoot()
  }

  @Test(arguments: [(1, 7), (5, 5), (8, 300), (33, 1200)], [false, true])
  func `vectors are their coordinates in an orthonormal basis`(
    shape: (count: Int, length: Int), isOfColumns: Bool
  ) {
    let rows = stretched(SlowLinearAlgebra.matrix(shape.count, shape.length, seed: 21))
    let basis =
      isOfColumns ? ThinBasis(ofColumns: rows.transposed) : ThinBasis(ofRows: rows)
    let identity = RealMatrix.identity(shape.count)
    let q = isOfColumns ? basis.vectors(identity).transposed : basis.vectors(identity)
    let coordinates = isOfColumns ? basis.coordinates.transposed : basis.coordinates
    let back = coordinates.times(q)
    let limit = limit(basis, length: shape.length)
    for row in 0..<shape.count {
      let range = row * shape.length..<(row + 1) * shape.length
      let length = rows.elements[range].reduce(0.0) { $0 + $1 * $1 }.squareRoot()
      for index in range {
        #expect(abs(back.elements[index] - rows.elements[index]) <= limit * length)
      }
      for column in row + 1..<shape.count { #expect(coordinates[row, column] == 0) }
    }
    let gram = q.timesTransposed(q).minus(identity)
    #expect(gram.frobeniusNorm <= limit * basis.amplification * Double(shape.count))
  }

  @Test func `dependent vectors are reflected`() {
    var rows = SlowLinearAlgebra.matrix(6, 80, seed: 22)
    for column in 0..<80 { rows[5, column] = rows[0, column] + 1e-12 * rows[1, column] }
    #expect(ThinBasis(ofRows: rows).amplification == 1)
    for column in 0..<80 { rows[5, column] = 0 }
    #expect(ThinBasis(ofRows: rows).amplification == 1)
    for column in 0..<80 { rows[5, column] = SlowLinearAlgebra.matrix(1, 80, seed: 23)[0, column] }
    let basis = ThinBasis(ofRows: rows)
    #expect(basis.amplification > 1 && basis.amplification <= GramTriangle.highestCondition)
  }

  @Test func `vectors of zeros have coordinates of zeros`() throws {
    var rows = SlowLinearAlgebra.matrix(4, 50, seed: 24)
    for column in 0..<50 { rows[1, column] = 0 }
    var gram = RealMatrix(rows: 4, columns: 4)
    LinearAlgebra.addGram(of: rows, isTransposed: false, to: &gram)
    #expect(GramTriangle(of: gram) == nil)
    let triangle = try #require(GramTriangle(of: gram, allowingZeros: true)).triangle
    for row in 0..<4 { #expect(triangle[row, 1] == 0 && triangle[1, row] == 0) }
    let again = triangle.transposedTimes(triangle)
    for row in 0..<4 {
      for column in row..<4 { #expect(abs(again[row, column] - gram[row, column]) <= 1e-13 * 50) }
    }
  }

  @Test(arguments: [(1, 1), (2, 1), (9, 9), (40, 7), (40, 0)])
  func `leading vectors are those of the whole decomposition`(size: Int, kept: Int) throws {
    let matrix = SlowLinearAlgebra.matrix(size, size, seed: 25)
    let found = try LinearAlgebra.svd(
      matrix,
      keeping: { values in
        #expect(values.count == size)
        return kept
      })
    let slow = SlowLinearAlgebra.singularValues(matrix)
    let bound = matrix.frobeniusNorm * 0x1p-53 * 16 * Double(size)
    for (fast, slow) in zip(found.values, slow) { #expect(abs(fast - slow) <= bound) }
    #expect(found.left.columns == kept && found.right.rows == kept)
    // M·V = U·Σ and Uᵀ·M = Σ·Vᵀ, column by column.
    var scaledLeft = found.left
    scaledLeft.scaleColumns(by: Array(found.values.prefix(kept)))
    #expect(matrix.timesTransposed(found.right).minus(scaledLeft).frobeniusNorm <= bound)
    var scaledRight = found.right
    scaledRight.scaleRows(by: Array(found.values.prefix(kept)))
    #expect(found.left.transposedTimes(matrix).minus(scaledRight).frobeniusNorm <= bound)
  }
}

extension RealMatrix {
  fileprivate static func identity(_ count: Int) -> RealMatrix {
    var matrix = RealMatrix(rows: count, columns: count)
    for index in 0..<count { matrix[index, index] = 1 }
    return matrix
  }
}
