internal import Compute

/// How often the entries of several deltas of one weight have different signs.
///
/// The deltas are formed a tile at a time and never whole. An entry that is 0 has no sign.
struct SignTally: Sendable, Hashable {
  /// The entries of the weight.
  private(set) var elementCount = 0
  /// The entries for which some delta is positive and some negative.
  private(set) var conflictCount = 0
  /// For each pair i < j in that order, the entries that both have.
  private(set) var shared: [Int]
  /// For each pair, the entries for which the two have different signs.
  private(set) var opposed: [Int]

  /// The entries of a tile: a few hundred kilobytes for each delta.
  private static let tileCount = 1 << 16

  /// Counts over whole deltas. Memory: one tile for each delta, beside the factors.
  init(_ deltas: [FactoredDelta], form: KernelForm) {
    let pairs = deltas.count * (deltas.count - 1) / 2
    shared = [Int](repeating: 0, count: pairs)
    opposed = [Int](repeating: 0, count: pairs)
    guard let first = deltas.first else { return }
    let products = deltas.map {
      FactorProduct(left: $0.left.rounded, right: $0.right.rounded, form: form)
    }
    let width = products.map(\.columnsPerBlock).min() ?? first.columns
    var tiles = products.map { _ in
      [Float](repeating: 0, count: min(Self.tileCount, first.rows * first.columns))
    }
    for left in stride(from: 0, to: first.columns, by: width) {
      let columns = left..<min(left + width, first.columns)
      let height = max(1, Self.tileCount / columns.count)
      for top in stride(from: 0, to: first.rows, by: height) {
        let rows = top..<min(top + height, first.rows)
        let count = rows.count * columns.count
        for (number, product) in products.enumerated() {
          if tiles[number].count < count { tiles[number] = [Float](repeating: 0, count: count) }
          product.write(rows: rows, columns: columns, into: &tiles[number])
        }
        add(tiles, count: count)
      }
    }
  }

  private mutating func add(_ tiles: [[Float]], count: Int) {
    elementCount += count
    var (positive, negative) = (0, 0)
    for place in 0..<count {
      (positive, negative) = (0, 0)
      for tile in tiles {
        if tile[place] > 0 { positive += 1 } else if tile[place] < 0 { negative += 1 }
      }
      if positive > 0, negative > 0 { conflictCount += 1 }
    }
    var pair = 0
    for i in tiles.indices {
      for j in (i + 1)..<max(tiles.count, i + 1) {
        let counts = Self.counts(tiles[i], tiles[j], count)
        shared[pair] += counts.shared
        opposed[pair] += counts.opposed
        pair += 1
      }
    }
  }

  private static func counts(
    _ one: [Float], _ other: [Float], _ count: Int
  ) -> (shared: Int, opposed: Int) {
    var (shared, opposed) = (0, 0)
    for place in 0..<count where one[place] != 0 && other[place] != 0 {
      shared += 1
      if (one[place] > 0) != (other[place] > 0) { opposed += 1 }
    }
    return (shared, opposed)
  }
}
