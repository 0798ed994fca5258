internal import Compute

/// The rectangles of a matrix that cover a range of its elements, each small enough for the caches.
///
/// A range of a row-major matrix is a part of a row, whole rows, and a part of a row. Whole rows
/// are taken a few at a time, and for deep products in blocks of columns.
struct Rectangles: Sequence {
  struct Rectangle: Hashable {
    let rows: Range<Int>
    /// The columns that belong to the range.
    let columns: Range<Int>
    /// The columns to compute: they start where a panel of the product does.
    let computedColumns: Range<Int>
  }

  private let rectangles: [Rectangle]

  init(of range: Range<Int>, columns: Int, delta: LoadedDelta) {
    var rectangles: [Rectangle] = []
    let blockColumns = Swift.min(columns, delta.columnsPerBlock)
    func add(_ rows: Range<Int>, _ wanted: Range<Int>) {
      var start = wanted.lowerBound
      while start < wanted.upperBound {
        // Blocks end on multiples of the block, so that each starts where a panel does.
        let end = Swift.min(wanted.upperBound, (start / blockColumns + 1) * blockColumns)
        let computed = FactorProduct.panelStart(of: start)..<end
        let height = Swift.max(1, TensorUpdate.rectangleElementCount / computed.count)
        var row = rows.lowerBound
        while row < rows.upperBound {
          let next = Swift.min(rows.upperBound, row + height)
          rectangles.append(
            Rectangle(rows: row..<next, columns: start..<end, computedColumns: computed))
          row = next
        }
        start = end
      }
    }
    if !range.isEmpty, columns > 0 {
      let (first, firstColumn) = range.lowerBound.quotientAndRemainder(dividingBy: columns)
      let (last, lastColumn) = range.upperBound.quotientAndRemainder(dividingBy: columns)
      if first == last {
        add(first..<first + 1, firstColumn..<lastColumn)
      } else {
        let whole = firstColumn == 0 ? first : first + 1
        if firstColumn > 0 { add(first..<first + 1, firstColumn..<columns) }
        if whole < last { add(whole..<last, 0..<columns) }
        if lastColumn > 0 { add(last..<last + 1, 0..<lastColumn) }
      }
    }
    self.rectangles = rectangles
  }

  func makeIterator() -> IndexingIterator<[Rectangle]> { rectangles.makeIterator() }
}
