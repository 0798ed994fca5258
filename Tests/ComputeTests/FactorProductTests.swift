import Compute
import TestSupport
import Testing

@Suite struct FactorProductTests {
  /// Rows, depth and columns, around the tiles' and panels' sizes.
  static let shapes = [
    (1, 1, 1), (1, 1, 33), (2, 3, 15), (4, 16, 16), (5, 17, 17), (6, 8, 31), (7, 9, 32),
    (13, 4, 33), (14, 64, 32), (15, 16, 65), (29, 5, 48), (43, 2, 31), (3, 512, 40), (2, 700, 33),
    (15, 1024, 3), (15, 1025, 3), (3, 2100, 17), (2, 14_400, 2),
  ]

  static func floats(_ count: Int, seed: Int) -> [Float] {
    var generator = SeededGenerator(seed: UInt64(seed))
    return (0..<count).map { _ in
      let bits = generator.next()
      let exponent = Int(bits >> 58) % 8 - 4
      return Float(Int32(truncatingIfNeeded: bits))
        * Float(sign: .plus, exponent: exponent, significand: 0x1p-31)
    }
  }

  static func factors(_ rows: Int, _ depth: Int, _ columns: Int) -> (Matrix, Matrix) {
    (
      Matrix(rows: rows, columns: depth, elements: floats(rows * depth, seed: rows + depth)),
      Matrix(rows: depth, columns: columns, elements: floats(depth * columns, seed: columns))
    )
  }

  /// The definition: a fused multiply-add for each k, ascending from +0.
  static func twin(_ left: Matrix, _ right: Matrix) -> [UInt32] {
    var out: [UInt32] = []
    for row in 0..<left.rows {
      for column in 0..<right.columns {
        var sum: Float = 0
        for k in 0..<left.columns {
          sum.addProduct(
            left.elements[row * left.columns + k],
            right.elements[k * right.columns + column]
          )
        }
        out.append(sum.bitPattern)
      }
    }
    return out
  }

  static func whole(_ product: FactorProduct) -> [UInt32] {
    var out = [Float](repeating: .nan, count: product.rows * product.columns)
    product.write(rows: 0..<product.rows, columns: 0..<product.columns, into: &out)
    return out.map(\.bitPattern)
  }

  @Test(arguments: shapes)
  func `is the fused sum over ascending k, in every form`(shape: (Int, Int, Int)) {
    let (left, right) = Self.factors(shape.0, shape.1, shape.2)
    let expected = Self.twin(left, right)
    for form in Patterns.forms {
      let product = FactorProduct(left: left, right: right, form: form)
      #expect(Self.whole(product) == expected, "\(form)")
    }
  }

  @Test(arguments: Patterns.forms)
  func `any rectangle holds the bits of the whole`(form: KernelForm) {
    let (left, right) = Self.factors(31, 12, 131)
    let product = FactorProduct(left: left, right: right, form: form)
    let whole = Self.whole(product)
    for rows in [0..<31, 0..<1, 30..<31, 3..<17, 5..<5, 2..<20] {
      for columns in [0..<131, 0..<1, 32..<45, 64..<131, 96..<128, 128..<131, 32..<32] {
        var part = [Float](repeating: 7, count: rows.count * columns.count + 1)
        product.write(rows: rows, columns: columns, into: &part)
        #expect(part.removeLast() == 7, "nothing is written behind the rectangle")
        let expected = rows.flatMap { row in columns.map { whole[row * 131 + $0] } }
        #expect(part.map(\.bitPattern) == expected)
      }
    }
  }

  @Test(arguments: Patterns.forms)
  func `is zero where the depth is, and empty where a side is`(form: KernelForm) {
    let (left, right) = Self.factors(3, 0, 5)
    let product = FactorProduct(left: left, right: right, form: form)
    #expect(Self.whole(product) == Array(repeating: 0, count: 15))
    for shape in [(0, 4, 5), (3, 4, 0), (0, 0, 0)] {
      let (left, right) = Self.factors(shape.0, shape.1, shape.2)
      #expect(Self.whole(FactorProduct(left: left, right: right, form: form)).isEmpty)
    }
  }

  @Test(arguments: [1, 7, 16, 47, 64, 300, 5_000, 200_000])
  func `rectangles are cut at the same columns in every form`(depth: Int) {
    let (left, right) = Self.factors(1, depth, 1)
    let products = Patterns.forms.map { FactorProduct(left: left, right: right, form: $0) }
    #expect(Set(products.map(\.columnsPerBlock)).count == 1)
    for column in [0, 15, 16, 31, 32, 33, 1000] {
      #expect(FactorProduct.panelStart(of: column) <= column)
    }
    #expect(
      FactorProduct.panelStart(of: products[0].columnsPerBlock) == products[0].columnsPerBlock)
  }

  @Test func `keeps overflow and cancels to plus zero`() {
    let left = Matrix(rows: 1, columns: 2, elements: [3e38, 1])
    let right = Matrix(rows: 2, columns: 3, elements: [10, 1, -0.0, -3e38, -3e38, 0])
    for form in Patterns.forms {
      let bits = Self.whole(FactorProduct(left: left, right: right, form: form))
      #expect(bits == [Float.infinity.bitPattern, 0, 0], "\(form)")
    }
  }
}
