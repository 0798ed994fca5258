import Compute
import Testing

@Suite struct SquareSumsTests {
  @Test(arguments: [(0, 5), (1, 1), (3, 7), (2, 8), (5, 9), (4, 33)])
  func `are those of the twin along rows and columns`(shape: (rows: Int, columns: Int)) {
    let (rows, columns) = shape
    let base = FactorProductTests.floats(rows * columns, seed: 1)
    let delta = FactorProductTests.floats(rows * columns, seed: 2)
    var (byRow, byColumn) = (
      [Double](repeating: 1, count: rows), [Double](repeating: 2, count: columns)
    )
    for row in 0..<rows {
      for column in 0..<columns {
        let sum = Double(base[row * columns + column] + delta[row * columns + column])
        byRow[row] += sum * sum
        byColumn[column].addProduct(sum, sum)
      }
    }
    var first: [Double]?
    for form in Patterns.forms {
      var rowSums = [Double](repeating: 1, count: rows)
      SquareSums.addRows(
        base: base,
        delta: delta,
        rows: rows,
        columns: columns,
        into: &rowSums,
        form: form
      )
      // Every term is positive: any order is within a rounding for each term and for the start.
      for (actual, expected) in zip(rowSums, byRow) {
        #expect(abs(actual - expected) <= Double(columns + 9) * 0x1p-52 * expected)
      }
      #expect(rowSums == first ?? rowSums)
      first = rowSums
      var columnSums = [Double](repeating: 2, count: columns)
      SquareSums.addColumns(
        base: base,
        delta: delta,
        rows: rows,
        columns: columns,
        into: &columnSums,
        form: form
      )
      #expect(columnSums == byColumn)
    }
  }
}
