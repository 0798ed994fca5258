/// A dense matrix of Double, row-major, `[rows, columns]`: what factorisations are made of.
///
/// Weights are `Matrix`, of Float; a factorisation widens them, which is exact.
public struct RealMatrix: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The entries, row after row: `rows * columns` of them.
  public var elements: [Double]

  /// A matrix of given entries, `rows * columns` of them.
  public init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns, "a matrix has rows × columns entries")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.init(
      rows: rows, columns: columns, elements: [Double](repeating: 0, count: rows * columns))
  }

  /// A matrix widened, each entry exact.
  public init(_ matrix: Matrix) {
    self.init(
      rows: matrix.rows, columns: matrix.columns, elements: matrix.elements.map(Double.init))
  }

  /// One entry.
  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// The transpose, `[columns, rows]`.
  public var transposed: RealMatrix {
    var turned = RealMatrix(rows: columns, columns: rows)
    // By squares that fit the first-level cache: a column of a large matrix is a line each.
    let edge = 32
    for top in stride(from: 0, to: rows, by: edge) {
      for left in stride(from: 0, to: columns, by: edge) {
        for row in top..<min(top + edge, rows) {
          for column in left..<min(left + edge, columns) {
            turned.elements[column * rows + row] = elements[row * columns + column]
          }
        }
      }
    }
    return turned
  }

  /// The first `count` rows, `[count, columns]`.
  public func firstRows(_ count: Int) -> RealMatrix {
    RealMatrix(rows: count, columns: columns, elements: Array(elements.prefix(count * columns)))
  }

  /// The first `count` columns, `[rows, count]`.
  public func firstColumns(_ count: Int) -> RealMatrix {
    var first: [Double] = []
    first.reserveCapacity(rows * count)
    for row in 0..<rows { first += elements[row * columns..<row * columns + count] }
    return RealMatrix(rows: rows, columns: count, elements: first)
  }

  /// Multiplies row `i` by `factors[i]`.
  public mutating func scaleRows(by factors: [Double]) {
    precondition(factors.count == rows, "one factor a row")
    for row in 0..<rows {
      for index in row * columns..<(row + 1) * columns { elements[index] *= factors[row] }
    }
  }

  /// Multiplies column `j` by `factors[j]`.
  public mutating func scaleColumns(by factors: [Double]) {
    precondition(factors.count == columns, "one factor a column")
    for row in 0..<rows {
      for column in 0..<columns { elements[row * columns + column] *= factors[column] }
    }
  }

  /// Whether no entry is a NaN or infinite.
  public var isFinite: Bool {
    // A sum of products with zero is zero, or NaN where any entry is not finite.
    sum { $0 * 0 } == 0
  }

  /// √Σ element², without overflow or underflow of the squares.
  public var frobeniusNorm: Double {
    let squares = sum { $0 * $0 }
    // Where squares this small were lost, they are nothing beside the sum.
    if squares > 0x1p-900, squares.isFinite { return squares.squareRoot() }
    let largest = elements.reduce(0.0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return largest }
    return largest * sum { ($0 / largest) * ($0 / largest) }.squareRoot()
  }

  /// Σ of a term of each entry, in eight sums by turns: in one, each would wait for the one before. A
  /// zero has no term.
  @inline(__always)
  private func sum(_ term: (SIMD8<Double>) -> SIMD8<Double>) -> Double {
    var sums = SIMD8<Double>()
    var index = 0
    while index + 8 <= elements.count {
      sums += term(
        SIMD8(
          elements[index], elements[index + 1], elements[index + 2], elements[index + 3],
          elements[index + 4], elements[index + 5], elements[index + 6], elements[index + 7]))
      index += 8
    }
    var rest = SIMD8<Double>()
    for lane in 0..<elements.count - index { rest[lane] = elements[index + lane] }
    return (sums + term(rest)).sum()
  }

  /// The entries rounded to Float.
  public var rounded: Matrix {
    Matrix(rows: rows, columns: columns, elements: elements.map(Float.init))
  }
}
