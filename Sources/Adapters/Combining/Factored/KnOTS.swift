internal import Compute

/// KnOTS (arXiv 2410.19735): the deltas of one weight in a common basis, where they are merged entry
/// by entry.
///
/// [Δ₁ | … | Δ_T] = U·Σ·[V₁ | … | V_T], side by side along the input; the parts Σ·Vₜ `[k, columns]`
/// are trimmed and elected as by TIES, and the result is U times the merged part. From factors:
/// [Δ₁ | …] = [B₁, …] · blockdiag(Aₜ), so that k is at most the sum of the ranks and no delta is
/// formed.
struct KnOTS: Sendable {
  /// The share of each part's entries that is kept.
  let density: Double
  /// The election among them.
  let election: SignElection

  /// The merged delta and what the election did; nil where all are 0. Weights are positive.
  func merged(
    _ deltas: [FactoredDelta], weights: [Double]
  ) throws(ComputeError) -> (delta: FactoredDelta, tally: ElementTally)? {
    let basis = try Self.sideBySide(deltas).significantDecomposition()
    let rank = basis.values.count
    guard rank > 0 else { return nil }
    let columns = deltas[0].columns
    var scaled = basis.right
    scaled.scaleRows(by: basis.values)
    var tally = ElementTally()
    var parts: [[Float]] = []
    for number in deltas.indices {
      var part: [Float] = []
      part.reserveCapacity(rank * columns)
      for row in 0..<rank {
        let start = row * scaled.columns + number * columns
        part += scaled.elements[start..<start + columns].map(Float.init)
      }
      tally.memberKept.append(Trimming(density: density).trim(&part))
      parts.append(part)
    }
    let (merged, conflicts) = election.merged(parts, weights: weights)
    tally.elementCount = rank * columns
    tally.conflictCount = conflicts
    return (
      FactoredDelta(
        left: basis.left, right: RealMatrix(rows: rank, columns: columns, elements: merged)),
      tally
    )
  }

  /// [Δ₁ | Δ₂ | …], `[rows, T · columns]`.
  private static func sideBySide(_ deltas: [FactoredDelta]) -> FactoredDelta {
    let columns = deltas[0].columns
    let width = columns * deltas.count
    let wide = deltas.enumerated().map { number, delta in
      var right = RealMatrix(rows: delta.rank, columns: width)
      for row in 0..<delta.rank {
        let start = row * width + number * columns
        right.elements.replaceSubrange(
          start..<start + columns, with: delta.right.elements[row * columns..<(row + 1) * columns])
      }
      return FactoredDelta(left: delta.left, right: right)
    }
    return FactoredDelta.sum(wide)
  }
}
