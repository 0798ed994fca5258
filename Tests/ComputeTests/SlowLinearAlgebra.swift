import TestSupport

@testable import Compute

/// The slow twins of products and factorisations, in plain Double.
enum SlowLinearAlgebra {
  /// A matrix of numbers in [−1, 1), the same for the same seed.
  static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> RealMatrix {
    var generator = SeededGenerator(seed: seed)
    return RealMatrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { _ in
        Double(Int64(bitPattern: generator.next()) >> 11) * 0x1p-52
      })
  }

  /// a · b, one row against one column at a time.
  static func product(_ a: RealMatrix, _ b: RealMatrix) -> RealMatrix {
    var result = RealMatrix(rows: a.rows, columns: b.columns)
    for row in 0..<a.rows {
      for column in 0..<b.columns {
        result[row, column] = (0..<a.columns).reduce(0.0) { $0 + a[row, $1] * b[$1, column] }
      }
    }
    return result
  }

  /// a − b
  static func difference(_ a: RealMatrix, _ b: RealMatrix) -> RealMatrix {
    RealMatrix(
      rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map { $0 - $1 })
  }

  /// U·diag(σ)·Vᵀ
  static func recomposed(_ svd: SingularValueDecomposition) -> RealMatrix {
    var left = svd.left
    left.scaleColumns(by: svd.values)
    return product(left, svd.right)
  }

  /// The singular values by one-sided Jacobi rotations (Hestenes 1958), descending.
  static func singularValues(_ matrix: RealMatrix) -> [Double] {
    let tall = matrix.rows >= matrix.columns ? matrix : matrix.transposed
    var columns = (0..<tall.columns).map { column in
      (0..<tall.rows).map { tall[$0, column] }
    }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0.0) { $0 + $1.0 * $1.1 } }
    for _ in 0..<60 {
      var rotated = false
      for p in columns.indices {
        for q in columns.indices where q > p {
          let (alpha, beta) = (dot(columns[p], columns[p]), dot(columns[q], columns[q]))
          let gamma = dot(columns[p], columns[q])
          if abs(gamma) <= 1e-15 * (alpha * beta).squareRoot() || gamma == 0 { continue }
          rotated = true
          let zeta = (beta - alpha) / (2 * gamma)
          let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          for row in columns[p].indices {
            let (x, y) = (columns[p][row], columns[q][row])
            columns[p][row] = c * (x - t * y)
            columns[q][row] = c * (t * x + y)
          }
        }
      }
      if !rotated { break }
    }
    return columns.map { dot($0, $0).squareRoot() }.sorted(by: >)
  }
}
