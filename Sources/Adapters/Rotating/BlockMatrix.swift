/// Small square matrices of Double, row-major, with the arithmetic that rotations are made by.
///
/// Sums run over ascending indices from +0, each product and each sum rounded once: the same bits
/// on every machine, which a library's solver does not promise.
struct BlockMatrix: Hashable, Sendable {
  /// The number of rows and of columns.
  let size: Int
  /// The entries, row after row.
  var entries: [Double]

  init(size: Int, entries: [Double]) {
    precondition(entries.count == size * size, "a square matrix")
    self.size = size
    self.entries = entries
  }

  /// Ones on the diagonal.
  static func identity(_ size: Int) -> BlockMatrix {
    var made = BlockMatrix(size: size, entries: [Double](repeating: 0, count: size * size))
    for index in 0..<size { made.entries[index * size + index] = 1 }
    return made
  }

  /// The product of two matrices.
  static func * (left: BlockMatrix, right: BlockMatrix) -> BlockMatrix {
    let size = left.size
    var made = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for k in 0..<size {
        let value = left.entries[row * size + k]
        for column in 0..<size {
          made[row * size + column] += value * right.entries[k * size + column]
        }
      }
    }
    return BlockMatrix(size: size, entries: made)
  }

  /// This matrix plus another one times a number.
  func adding(_ other: BlockMatrix, times factor: Double = 1) -> BlockMatrix {
    BlockMatrix(size: size, entries: zip(entries, other.entries).map { $0 + factor * $1 })
  }

  /// Every entry times a number.
  func scaled(by factor: Double) -> BlockMatrix {
    BlockMatrix(size: size, entries: entries.map { $0 * factor })
  }

  /// The transpose.
  var transposed: BlockMatrix {
    var made = self
    for row in 0..<size {
      for column in 0..<size { made.entries[column * size + row] = entries[row * size + column] }
    }
    return made
  }

  /// The root of the sum of squares.
  var norm: Double { entries.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The inverse by Gauss and Jordan, the pivot of each column being its largest entry, the first
  /// of equal ones; nil where a column has none but zeros and what is not finite.
  var inverse: BlockMatrix? {
    var (left, right) = (entries, BlockMatrix.identity(size).entries)
    for column in 0..<size {
      var pivot = column
      for row in column..<size
      where left[row * size + column].magnitude > left[pivot * size + column].magnitude {
        pivot = row
      }
      let value = left[pivot * size + column]
      guard value != 0, value.isFinite else { return nil }
      for k in 0..<size where pivot != column {
        left.swapAt(pivot * size + k, column * size + k)
        right.swapAt(pivot * size + k, column * size + k)
      }
      for k in 0..<size {
        left[column * size + k] /= value
        right[column * size + k] /= value
      }
      for row in 0..<size where row != column {
        let factor = left[row * size + column]
        if factor == 0 { continue }
        for k in 0..<size {
          left[row * size + k] -= factor * left[column * size + k]
          right[row * size + k] -= factor * right[column * size + k]
        }
      }
    }
    return right.allSatisfy(\.isFinite) ? BlockMatrix(size: size, entries: right) : nil
  }
}
