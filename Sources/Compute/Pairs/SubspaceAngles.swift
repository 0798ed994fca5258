internal import Glibc

/// How the leading singular subspaces of two matrices lie to one another, on one side of them.
///
/// θ are the principal angles between the spans of the first i vectors of one and the first j of the
/// other (Björck and Golub 1973); φ(i, j) = ‖Uᵢᵀ·U'ⱼ‖_F² / min(i, j) is the similarity of the LoRA
/// paper (arXiv 2106.09685, §7.2), 1 for nested spans and 0 for orthogonal ones.
public struct SubspaceAngles: Sendable, Hashable {
  /// The vectors taken of the old matrix: as many as asked for, or its rank.
  public let oldCount: Int
  /// The vectors taken of the new matrix.
  public let newCount: Int
  /// The dimension of the space that they lie in.
  public let dimension: Int
  /// θ in radians, ascending, min(oldCount, newCount) of them.
  public let angles: [Double]
  /// φ(i, j) for i from 1 to `oldCount` and j from 1 to `newCount`, one list for each i.
  public let similarity: [[Double]]

  /// Compares orthonormal vectors, one a row: `[oldCount, d]` and `[newCount, d]`, coordinates in a
  /// basis of a part of `dimension`.
  init(_ old: RealMatrix, _ new: RealMatrix, dimension: Int) throws(ComputeError) {
    (oldCount, newCount, self.dimension) = (old.rows, new.rows, dimension)
    let cosines = old.timesTransposed(new)
    // The smaller span is projected out of the larger one: what is left of it has the sines.
    let (large, small) = old.rows >= new.rows ? (old, new) : (new, old)
    let inside = small.timesTransposed(large).times(large)
    let sines = try SingularValueDecomposition.values(of: small.minus(inside))
    angles = zip(try SingularValueDecomposition.values(of: cosines), sines.reversed()).map {
      cosine, sine in
      // Each of the two tells angles well where the other is flat.
      cosine > 0.5.squareRoot() ? asin(min(sine, 1)) : acos(cosine)
    }
    var sums = [Double](repeating: 0, count: new.rows)
    similarity = (0..<old.rows).map { row in
      var running = 0.0
      return (0..<new.rows).map { column in
        running += cosines[row, column] * cosines[row, column]
        sums[column] += running
        return sums[column] / Double(min(row, column) + 1)
      }
    }
  }

  /// √Σθ²
  public var grassmannDistance: Double { angles.reduce(0.0) { $0 + $1 * $1 }.squareRoot() }
  /// √Σsin²θ
  public var chordalDistance: Double {
    angles.reduce(0.0) { $0 + sin($1) * sin($1) }.squareRoot()
  }
  /// φ of all vectors that were taken; nil where there are none on a side.
  public var overlap: Double? { similarity.last?.last }
  /// What φ of as many random vectors is on average.
  public var randomOverlap: Double {
    min(1, Double(max(oldCount, newCount)) / Double(max(dimension, 1)))
  }
}

extension FactorPair {
  /// The angles between the leading singular subspaces, at most `count` vectors of each: left ones,
  /// which the change puts out, and right ones, which it takes in. Vectors whose singular values are
  /// rounding do not count.
  public func angles(
    count: Int
  ) throws(ComputeError) -> (left: SubspaceAngles, right: SubspaceAngles) {
    let (before, after) = (try Self.leading(count, of: old), try Self.leading(count, of: new))
    return (
      try SubspaceAngles(before.left.transposed, after.left.transposed, dimension: rows),
      try SubspaceAngles(before.right, after.right, dimension: columns)
    )
  }

  private static func leading(
    _ count: Int, of core: RealMatrix
  ) throws(ComputeError) -> SingularValueDecomposition {
    let svd = try SingularValueDecomposition(of: core)
    let largest = svd.values.first ?? 0
    let floor = 8 * Double(max(core.rows, 1)) * 0x1p-53 * largest
    return svd.truncated(to: min(count, svd.values.count { $0 > floor }))
  }
}
