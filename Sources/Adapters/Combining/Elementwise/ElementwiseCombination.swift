internal import Compute

/// An elementwise method on the deltas of one weight: each is formed whole, made sparse, and then
/// they are summed up or vote.
///
/// A negative weight turns its delta around before signs are elected: an adapter with the weight −1
/// is the negated adapter with the weight 1. Memory: one Float an entry for each delta, and a
/// few for the result.
struct ElementwiseCombination: Sendable {
  let sparsifier: Sparsifier
  /// The election; nil for the plain sum.
  let election: SignElection?
  let seed: UInt64

  /// The method that options name; nil where it is not elementwise.
  init?(_ options: CombineOptions) {
    guard let sparsifier = Sparsifier(options) else { return nil }
    self.sparsifier = sparsifier
    election = options.method.electsSigns ? options.election : nil
    seed = options.seed
  }

  /// The combined delta and what became of the entries. `names` say what each delta's random numbers
  /// depend on, besides the seed.
  func combined(
    _ deltas: [FactoredDelta], weights: [Double], names: [String], form: KernelForm
  ) -> (delta: Matrix, tally: ElementTally) {
    var tally = ElementTally()
    var sparse: [[Float]] = []
    for (number, delta) in deltas.enumerated() {
      var values = delta.scaled(by: weights[number] < 0 ? -1 : 1).formed(form)
      var randomness = NamedRandomness(seed: seed, name: names[number])
      tally.memberKept.append(
        sparsifier.apply(to: &values, columns: delta.columns, &randomness))
      sparse.append(values)
    }
    tally.elementCount = sparse[0].count
    let sizes = weights.map(abs)
    let merged: [Double]
    // Signs are counted either way: they say how much the adapters are at odds.
    if let election {
      (merged, tally.conflictCount) = election.merged(sparse, weights: sizes)
    } else {
      (merged, tally.conflictCount) = Self.sum(sparse, weights: sizes)
    }
    return (
      Matrix(
        rows: deltas[0].rows, columns: deltas[0].columns, elements: merged.map(Float.init)), tally
    )
  }

  private static func sum(
    _ deltas: [[Float]], weights: [Double]
  ) -> (merged: [Double], conflictCount: Int) {
    var merged = [Double](repeating: 0, count: deltas[0].count)
    var conflicts = 0
    for place in merged.indices {
      var (sum, hasPositive, hasNegative) = (0.0, false, false)
      for number in deltas.indices {
        let value = deltas[number][place]
        if value > 0 { hasPositive = true } else if value < 0 { hasNegative = true }
        sum += weights[number] * Double(value)
      }
      merged[place] = sum
      if hasPositive && hasNegative { conflicts += 1 }
    }
    return (merged, conflicts)
  }
}

extension FactoredDelta {
  /// The product, row by row, from factors rounded to Float and by the arithmetic of a merge
  /// (`FactorProduct`): the same bits on every machine, so that the same entries are kept.
  func formed(_ form: KernelForm) -> [Float] {
    let product = FactorProduct(left: left.rounded, right: right.rounded, form: form)
    let step = product.columnsPerBlock
    var whole = [Float](repeating: 0, count: rows * columns)
    guard step < columns else {
      product.write(rows: 0..<rows, columns: 0..<columns, into: &whole)
      return whole
    }
    var block = [Float](repeating: 0, count: rows * step)
    for start in stride(from: 0, to: columns, by: step) {
      let range = start..<min(start + step, columns)
      product.write(rows: 0..<rows, columns: range, into: &block)
      for row in 0..<rows {
        whole.replaceSubrange(
          row * columns + start..<row * columns + range.upperBound,
          with: block[row * range.count..<(row + 1) * range.count])
      }
    }
    return whole
  }
}
