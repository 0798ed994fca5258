import Compute
import Testing

@Suite struct MatrixTests {
  @Test(arguments: [(0, 0), (0, 3), (1, 1), (1, 40), (31, 33), (64, 32), (70, 5)])
  func `is transposed`(shape: (rows: Int, columns: Int)) {
    let (rows, columns) = shape
    let matrix = Matrix(
      rows: rows,
      columns: columns,
      elements: (0..<rows * columns).map(Float.init)
    )
    let turned = matrix.transposed
    #expect(turned.rows == columns && turned.columns == rows)
    for row in 0..<rows {
      for column in 0..<columns {
        #expect(turned.elements[column * rows + row] == matrix.elements[row * columns + column])
      }
    }
    #expect(turned.transposed.elements == matrix.elements)
  }

  @Test func `is scaled as a whole and row by row, each product rounded once`() {
    var matrix = Matrix(rows: 2, columns: 2, elements: [1, 2, .nan, 0.1])
    matrix.scale(by: 1)
    #expect(matrix.elements[2].isNaN)
    matrix.scale(by: 3)
    #expect(matrix.elements[3] == 0.1 as Float * 3)
    matrix.scaleRows(by: [2, -1])
    #expect(matrix.elements[0] == 6 && matrix.elements[1] == 12)
    #expect(matrix.elements[3] == -(0.1 as Float * 3))
  }
}
