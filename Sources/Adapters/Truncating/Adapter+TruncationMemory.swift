internal import Files
internal import Tensors

extension Adapter {
  /// The private memory that truncating will need at most with so many threads, in bytes, about: of
  /// the largest modules the factors and their bases in Double, a few copies of each and of the core,
  /// one module for each thread, and for each output as much as is stored now.
  public func truncationByteCount(outputs: Int, workers: Int) -> Int {
    let each = updates.compactMap(\.factors).map { factors in
      let (rows, columns) = factors.productExtents
      let rank = min(factors.rank, rows, columns)
      return 8 * factors.rank * (rows + columns) * 5 + 8 * rank * rank * 6
    }
    let underWay = each.sorted(by: >).prefix(workers).reduce(0, +)
    return (24 << 20) + underWay + outputs * file.reader.byteCount
  }
}
