/// How the elements of a weight, as transformers has it, lie in llama.cpp's file.
///
/// An element of `[rows, columns]` is counted row by row on either side; a vector has one column.
enum GGUFOrder: Hashable, Sendable {
  /// Alike.
  case kept
  /// Rows in Meta's order: each head of `width` rows keeps the pairs together that rotary embeddings
  /// turn, which transformers keeps apart.
  case heads(width: Int)
  /// Turned: columns of the one are rows of the other.
  case turned

  /// A run of neighbouring elements of both sides.
  struct Run: Hashable {
    /// The first element, as transformers counts.
    let element: Int
    /// The same element, as llama.cpp counts.
    let place: Int
    let count: Int
  }

  /// The file's elements among which those of a range are, as few as one reading should take.
  func places(
    of range: Range<Int>, rows: Int, columns: Int
  ) -> Range<Int> {
    guard !range.isEmpty, columns > 0 else { return 0..<0 }
    let first = range.lowerBound / columns
    let last = (range.upperBound - 1) / columns
    switch self {
    case .kept: return range
    case .heads(let width):
      return first / width * width * columns..<(last / width + 1) * width * columns
    case .turned: return first..<(columns - 1) * rows + last + 1
    }
  }

  /// The runs that a range of transformers' elements consists of, none overlapping.
  func runs(of range: Range<Int>, rows: Int, columns: Int) -> [Run] {
    guard !range.isEmpty, columns > 0 else { return [] }
    switch self {
    case .kept: return [Run(element: range.lowerBound, place: range.lowerBound, count: range.count)]
    case .heads(let width):
      return rowParts(of: range, columns).map { element, count in
        let row = element / columns
        let (head, inside) = (row / width * width, row % width)
        let place = head + inside % (width / 2) * 2 + inside / (width / 2)
        return Run(element: element, place: place * columns + element % columns, count: count)
      }
    case .turned:
      return range.map { element in
        Run(element: element, place: element % columns * rows + element / columns, count: 1)
      }
    }
  }

  private func rowParts(of range: Range<Int>, _ columns: Int) -> [(element: Int, count: Int)] {
    var parts: [(Int, Int)] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(range.upperBound, (start / columns + 1) * columns)
      parts.append((start, end - start))
      start = end
    }
    return parts
  }
}
