internal import CKernels

/// A dense matrix of Float, row-major, `[rows, columns]`.
public struct Matrix: Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The entries, row after row: `rows * columns` of them.
  public var elements: [Float]

  /// A matrix of given entries, `rows * columns` of them.
  public init(rows: Int, columns: Int, elements: [Float]) {
    precondition(elements.count == rows * columns, "a matrix has rows × columns entries")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// The transpose, `[columns, rows]`.
  public var transposed: Matrix {
    let turned = unsafe [Float](unsafeUninitializedCapacity: elements.count) { buffer, count in
      unsafe elements.withUnsafeBufferPointer { source in
        guard let from = source.baseAddress, let to = buffer.baseAddress else { return }
        unsafe adapterctl_transpose(from, rows, columns, to)
      }
      count = elements.count
    }
    return Matrix(rows: columns, columns: rows, elements: turned)
  }

  /// Multiplies every entry by a factor, each product rounded once.
  public mutating func scale(by factor: Float) {
    guard factor != 1 else { return }
    for index in elements.indices { elements[index] *= factor }
  }

  /// Multiplies row `i` by `factors[i]`, each product rounded once.
  public mutating func scaleRows(by factors: [Float]) {
    precondition(factors.count == rows, "one factor a row")
    for row in 0..<rows {
      for index in row * columns..<(row + 1) * columns { elements[index] *= factors[row] }
    }
  }
}
