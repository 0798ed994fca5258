/// TIES' trimming and magnitude pruning (arXiv 2306.01708): of N entries the ⌊density · N⌋ of largest
/// magnitude stay as they are, the others become 0.
struct Trimming: Sendable, Hashable {
  /// The share that is kept, in (0, 1].
  let density: Double

  /// Trims a delta; returns how many of its entries are kept.
  func trim(_ values: inout [Float]) -> Int {
    let count = Self.count(density, of: values.count)
    guard count < values.count else { return values.count }
    let cut = MagnitudeOrder.cut(values, after: count)
    var trimmed = values
    cut.forEach(values) { place, isKept in if !isKept { trimmed[place] = 0 } }
    values = trimmed
    return count
  }

  /// ⌊share · count⌋, the product rounded as PEFT's and mergekit's is.
  static func count(_ share: Double, of count: Int) -> Int {
    max(0, min(count, Int((share * Double(count)).rounded(.down))))
  }
}
