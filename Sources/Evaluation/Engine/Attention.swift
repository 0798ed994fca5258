internal import Compute

/// Causal attention of one layer: softmax(Q·Kᵀ / √size)·V per head, with queries in groups that
/// share a key and a value, and a window where the layer has one.
struct Attention: Sendable {
  /// The number of query heads.
  let heads: Int
  /// The number of key and value heads.
  let groups: Int
  /// The width of a head.
  let size: Int
  /// How many positions back are seen, the own one included; nil for all.
  let window: Int?

  /// Vectors of all positions in one array: `[n, heads or groups, size]` from `offset`, rows
  /// `stride` apart.
  struct Source {
    let values: [Float]
    var offset = 0
    let stride: Int
  }

  /// The queries that are taken at a time.
  private static let blockLength = 64

  /// Writes `[n, heads, size]` to `target`, each segment of positions seeing itself alone.
  func apply(
    _ queries: Source, _ keys: Source, _ values: Source, segments: [Range<Int>],
    into target: inout [Float], scores: inout [Float]
  ) {
    grow(&target, to: (segments.last?.upperBound ?? 0) * heads * size)
    for segment in segments {
      for head in 0..<heads {
        for first in stride(from: segment.lowerBound, to: segment.upperBound, by: Self.blockLength)
        {
          let block = first..<min(segment.upperBound, first + Self.blockLength)
          apply(
            queries, keys, values, head: head, block: block, start: segment.lowerBound,
            into: &target, scores: &scores)
        }
      }
    }
  }

  private func apply(
    _ queries: Source, _ keys: Source, _ values: Source, head: Int, block: Range<Int>, start: Int,
    into target: inout [Float], scores: inout [Float]
  ) {
    let group = head / (heads / groups)
    let firstKey = window.map { max(start, block.lowerBound - $0 + 1) } ?? start
    let width = block.upperBound - firstKey
    grow(&scores, to: block.count * width)
    func panel(_ source: Source, _ rows: Range<Int>, _ head: Int) -> Panel {
      Panel(
        offset: source.offset + rows.lowerBound * source.stride + head * size, rows: rows.count,
        columns: size, stride: source.stride)
    }
    let seen = firstKey..<block.upperBound
    SinglePrecision.multiply(
      queries.values, panel(queries, block, head), by: keys.values, panel(keys, seen, group),
      isRightTransposed: true, factor: 1 / Float(size).squareRoot(), into: &scores,
      Panel(rows: block.count, columns: width))
    Softmax.apply(
      toRowsOf: &scores, columns: width,
      over: block.map { position in
        let lower = window.map { max(firstKey, position - $0 + 1) } ?? firstKey
        return lower - firstKey..<position + 1 - firstKey
      })
    SinglePrecision.multiply(
      scores, Panel(rows: block.count, columns: width), by: values.values,
      panel(values, seen, group), into: &target,
      Panel(
        offset: (block.lowerBound * heads + head) * size, rows: block.count, columns: size,
        stride: heads * size))
  }
}
