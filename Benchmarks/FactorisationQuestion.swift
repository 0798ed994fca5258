internal import Compute

/// How fast is a low-rank change taken apart by its factors?
struct FactorisationQuestion: Question {
  let name = "factorisation"
  let text =
    "singular values and first vectors of B · A, norms of a difference, one thread; "
    + "operations of the two Gram matrices alone, limit: dgemm"

  func answer() {
    for (rows, columns) in [(2048, 2048), (5632, 2048)] {
      for (depth, kept) in [(64, 16), (256, 32)] {
        let limit = Limits.multiplyingDoubles(rows: depth, depth: rows, columns: depth)
        let factors = Self.factors(rows, depth, columns, seed: 1)
        let seconds = Measurement.seconds {
          _ = try? FactoredDecomposition(ofSumOf: [factors]).decomposition { _ in kept }
        }
        let work = Double(depth * depth) * Double(rows + columns)
        Measurement.report(
          "\(rows)x\(columns) r\(depth), first \(kept)", work / seconds / 1e9, of: limit, "GFLOP/s")
      }
      let pair = (
        Self.factors(rows, 64, columns, seed: 1), Self.factors(rows, 64, columns, seed: 3)
      )
      let limit = Limits.multiplyingDoubles(rows: 128, depth: rows, columns: 128)
      let seconds = Measurement.seconds {
        _ = try? FactorPair(from: pair.0, to: pair.1).norms([.spectral])
      }
      let work = Double(128 * 128) * Double(rows + columns)
      Measurement.report(
        "\(rows)x\(columns) r64 - r64, ‖·‖₂", work / seconds / 1e9, of: limit, "GFLOP/s")
    }
  }

  /// Factors of full rank, as they come from training: both well-conditioned.
  private static func factors(
    _ rows: Int, _ depth: Int, _ columns: Int, seed: UInt64
  ) -> ScaledFactors {
    ScaledFactors(
      left: Matrix(
        rows: rows, columns: depth, elements: Samples.floats(rows * depth, seed: seed)),
      right: Matrix(
        rows: depth, columns: columns, elements: Samples.floats(depth * columns, seed: seed + 1)),
      scaling: 2)
  }
}
