/// What the rounding of stored weights does to the singular values of their change.
///
/// Entries of independent noise of standard deviation σ, [m, n] of them, have singular values up to
/// about σ·(√m + √n) (Marchenko and Pastur 1967), and lift those of a low-rank change that stand out:
/// in units of σ·√max(m, n), with β = min/max, a true x becomes y² = (x² + 1)·(x² + β)/x² (Benaych-
/// Georges and Nadakuditi 2012). `denoised` takes that back; what does not stand out is taken to be
/// noise. Noise whose size differs from entry to entry, as that of floating-point weights does, has an
/// edge no higher than that of its mean square where large and small weights are mixed evenly.
public struct RoundingFloor: Sendable, Hashable {
  /// The standard deviation of an entry's rounding, σ.
  public let deviation: Double
  /// The extents of the matrix.
  public let rows: Int
  /// The extents of the matrix.
  public let columns: Int

  /// Noise of a matrix `[rows, columns]`.
  public init(deviation: Double, rows: Int, columns: Int) {
    self.deviation = deviation
    self.rows = rows
    self.columns = columns
  }

  /// The largest singular value that noise alone has: σ·(√rows + √columns).
  public var edge: Double { deviation * (Double(rows).squareRoot() + Double(columns).squareRoot()) }

  /// The singular values of the change without its rounding, descending: those above the edge, each
  /// without its share of noise.
  public func denoised(_ values: [Double]) -> [Double] {
    guard deviation > 0 else { return values.filter { $0 > 0 } }
    let unit = deviation * Double(max(rows, columns)).squareRoot()
    let ratio = Double(min(rows, columns)) / Double(max(1, max(rows, columns)))
    return values.prefix { $0 > edge }.map { value in
      let excess = (value / unit) * (value / unit) - ratio - 1
      // Above the edge it is positive; the product of the two roots is β.
      let root = max(0, excess * excess - 4 * ratio).squareRoot()
      return unit * ((excess + root) / 2).squareRoot()
    }
  }
}
