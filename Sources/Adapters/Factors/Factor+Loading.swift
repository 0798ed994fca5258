internal import Compute
internal import Files
internal import Tensors

extension Factor {
  /// The matrix in memory, made in the order that NUMERICS.md states.
  ///
  /// Throws where a tensor is unreadable, and where a value is not finite unless
  /// `allowingNonFinite`.
  func matrix(form: KernelForm, allowingNonFinite: Bool = false) throws(AdapterError) -> Matrix {
    func load(_ factor: Factor) throws(AdapterError) -> Matrix {
      try factor.matrix(form: form, allowingNonFinite: allowingNonFinite)
    }
    func floats(_ tensor: StoredTensor) throws(AdapterError) -> [Float] {
      try tensor.floats(form: form, allowingNonFinite: allowingNonFinite)
    }
    switch recipe {
    case .stored(let tensor):
      return Matrix(rows: rows, columns: columns, elements: try floats(tensor))
    case .twice(let one, let other):
      let elements = try floats(one)
      guard elements == (try floats(other)) else {
        throw .inconsistent(
          one.file.reader.path,
          rule: "has \(one.name) and \(other.name), which should be the same matrix and are not")
      }
      return Matrix(rows: rows, columns: columns, elements: elements)
    case .identity:
      var made = zeros
      for index in 0..<rows { made.elements[index * columns + index] = 1 }
      return made
    case .incidence(let incidence):
      var made = zeros
      incidence.forEachOne(rows: rows, columns: columns) { row, column in
        made.elements[row * columns + column] += 1
      }
      return made
    case .drawn(let draw):
      return Matrix(rows: rows, columns: columns, elements: draw.values(count: rows * columns))
    case .transposed(let inner): return try load(inner).transposed
    case .product(let left, let right):
      return FactorProduct(left: try load(left), right: try load(right), form: form).matrix
    case .scaled(let inner, let number):
      var made = try load(inner)
      made.scale(by: number)
      return made
    case .scaledRows(let inner, let vector):
      var made = try load(inner)
      made.scaleRows(by: try floats(vector))
      return made
    case .rows(let inner, let selection):
      if case .stored(let tensor) = inner.recipe, case .every(let start, 1, let count) = selection,
        tensor.info.strides == nil
      {
        return try tensor.matrix(
          rows: start..<start + count, form: form, allowingNonFinite: allowingNonFinite)
      }
      return try load(inner).rows(selection)
    case .stacked(let parts):
      var elements: [Float] = []
      elements.reserveCapacity(rows * columns)
      for part in parts { elements += try load(part).elements }
      return Matrix(rows: rows, columns: columns, elements: elements)
    case .blockDiagonal(let inner, let count): return try load(inner).blockDiagonal(count)
    case .placed(let inner, let ranges):
      let source = try load(inner)
      var made = zeros
      var row = 0
      for range in ranges {
        made.elements.replaceSubrange(
          range.lowerBound * columns..<range.upperBound * columns,
          with: source.elements[row * columns..<(row + range.count) * columns])
        row += range.count
      }
      return made
    case .rowwiseKronecker(let left, let right):
      return try load(left).rowwiseKronecker(load(right))
    case .kronecker(let left, let right): return try load(left).kronecker(load(right))
    case .modeProduct(let core, let inner):
      return Matrix.modeProduct(
        core: try floats(core), extents: core.shape.extents, try load(inner))
    case .turned(let inner, let positions): return try load(inner).turned(positions)
    }
  }

  private var zeros: Matrix {
    Matrix(rows: rows, columns: columns, elements: [Float](repeating: 0, count: rows * columns))
  }
}

extension FactorProduct {
  /// The whole product.
  var matrix: Matrix {
    var elements = [Float](repeating: 0, count: rows * columns)
    write(rows: 0..<rows, columns: 0..<columns, into: &elements)
    return Matrix(rows: rows, columns: columns, elements: elements)
  }
}

extension StoredTensor {
  /// Some rows of a contiguous tensor, the others unread.
  fileprivate func matrix(
    rows: Range<Int>, form: KernelForm, allowingNonFinite: Bool
  ) throws(AdapterError) -> Matrix {
    let columns = shape.matrix.columns
    let values = try floats(rows: rows, columns: columns, form: form)
    let bad = allowingNonFinite ? 0 : Conversion.nonFiniteCount(values, form: form)
    guard bad == 0 else { throw .notFinite(file.reader.path, name, count: bad) }
    return Matrix(rows: rows.count, columns: columns, elements: values)
  }
}

extension Matrix {
  /// In Double, m·c + m̃·s with two roundings of products and one of their sum, then rounded.
  fileprivate func turned(_ positions: Int) -> Matrix {
    let half = columns / 2
    var made: [Float] = []
    made.reserveCapacity(elements.count * positions)
    for position in 0..<positions {
      let angles = (0..<half).map { Angles.turn(position: position, t: $0, size: columns) }
      for row in 0..<rows {
        for column in 0..<columns {
          let (cosine, sine) = angles[column % half]
          let own = Double(elements[row * columns + column])
          let other =
            column < half
            ? Double(elements[row * columns + column + half])
            : -Double(elements[row * columns + column - half])
          made.append(Float(own * cosine + other * sine))
        }
      }
    }
    return Matrix(rows: rows * positions, columns: columns, elements: made)
  }

  fileprivate func rows(_ selection: Selection) -> Matrix {
    var made: [Float] = []
    made.reserveCapacity(selection.count * columns)
    for place in 0..<selection.count {
      let row = selection.row(at: place)
      made += elements[row * columns..<(row + 1) * columns]
    }
    return Matrix(rows: selection.count, columns: columns, elements: made)
  }

  fileprivate func blockDiagonal(_ count: Int) -> Matrix {
    let width = columns * count
    let height = rows / count
    var made = [Float](repeating: 0, count: rows * width)
    for row in 0..<rows {
      let start = row * width + row / height * columns
      made.replaceSubrange(
        start..<start + columns, with: elements[row * columns..<(row + 1) * columns])
    }
    return Matrix(rows: rows, columns: width, elements: made)
  }

  /// One rounding an entry.
  fileprivate func rowwiseKronecker(_ other: Matrix) -> Matrix {
    var made: [Float] = []
    made.reserveCapacity(rows * columns * other.columns)
    for row in 0..<rows {
      for value in elements[row * columns..<(row + 1) * columns] {
        for factor in other.elements[row * other.columns..<(row + 1) * other.columns] {
          made.append(value * factor)
        }
      }
    }
    return Matrix(rows: rows, columns: columns * other.columns, elements: made)
  }

  /// One rounding an entry.
  fileprivate func kronecker(_ other: Matrix) -> Matrix {
    var made: [Float] = []
    made.reserveCapacity(elements.count * other.elements.count)
    for row in 0..<rows {
      for otherRow in 0..<other.rows {
        for value in elements[row * columns..<(row + 1) * columns] {
          for factor in other.elements[otherRow * other.columns..<(otherRow + 1) * other.columns] {
            made.append(value * factor)
          }
        }
      }
    }
    return Matrix(
      rows: rows * other.rows, columns: columns * other.columns, elements: made)
  }

  /// Entry (i, q·k) starts at +0 and adds core[i, j, k] · factor[j, q] by fma for j ascending.
  fileprivate static func modeProduct(core: [Float], extents: [Int], _ factor: Matrix) -> Matrix {
    let (outer, inner) = (extents[0], extents[1])
    let kernel = extents.dropFirst(2).reduce(1, *)
    var made = [Float](repeating: 0, count: outer * factor.columns * kernel)
    for i in 0..<outer {
      for q in 0..<factor.columns {
        for k in 0..<kernel {
          var sum: Float = 0
          for j in 0..<inner {
            sum.addProduct(
              core[(i * inner + j) * kernel + k], factor.elements[j * factor.columns + q])
          }
          made[(i * factor.columns + q) * kernel + k] = sum
        }
      }
    }
    return Matrix(rows: outer, columns: factor.columns * kernel, elements: made)
  }
}
