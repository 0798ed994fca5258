internal import Compute
internal import Tensors

extension ExtractionPlan {
  /// The private memory that extracting will need at most with so many threads, in bytes, about: the
  /// largest changes with what decomposes them, of large ones one at a time, and the factors until
  /// they are written. How many ranks a relative rule keeps is not known before, and is taken as 32.
  public func memoryByteCount(workers: Int) -> Int {
    let matrices = units.compactMap(\.matrix?.pair)
    let needs = matrices.map { (isLarge: LargeMatrices.isLarge($0), byteCount: working($0)) }
    let large = needs.filter(\.isLarge).map(\.byteCount).max() ?? 0
    let small = needs.filter { !$0.isLarge }.map(\.byteCount).sorted(by: >)
    let underWay = max(
      large + small.prefix(workers - 1).reduce(0, +), small.prefix(workers).reduce(0, +))
    let factors = matrices.reduce(0) { sum, pair in
      let (rows, columns) = pair.base.shape.matrix
      let rank = min(options.selection.expectedRank, rows, columns)
      return sum + rank * (rows + columns) * pair.factorType(options).bitWidth / 8
    }
    var kept = factors
    if case .size(let byteCount) = options.selection.rule { kept = byteCount }
    // The program, and two pieces of both models for each thread.
    return (24 << 20) + workers * (16 << 20) + underWay + kept
  }

  /// What one matrix takes while it is worked on.
  private func working(_ pair: TunedTensor) -> Int {
    let (rows, columns) = pair.base.shape.matrix
    let (change, least) = (4 * rows * columns, min(rows, columns))
    guard least > SpectralNorm.wholeLimit else { return change + 4 * 8 * rows * columns }
    let rank = min(options.selection.expectedRank, least)
    let space = 8 * 4 * (rank + 72) * (rows + columns)
    // A rule that keeps much, or has to know the whole spectrum, decomposes the Gram matrix.
    if case .exactly(let rank) = options.selection.rule, rank <= least / 8 { return change + space }
    return change + max(space, 8 * 3 * least * least)
  }
}
