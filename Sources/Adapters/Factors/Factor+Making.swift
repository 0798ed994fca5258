internal import Tensors

// Callers have checked extents against one another: what breaks here is our mistake.
extension Factor {
  /// A stored tensor: the first extent against the product of the others.
  public static func stored(_ tensor: StoredTensor) -> Factor {
    let (rows, columns) = tensor.shape.matrix
    return Factor(rows: rows, columns: columns, .stored(tensor))
  }

  /// A stored vector as a column.
  static func vector(_ tensor: StoredTensor) -> Factor {
    Factor(rows: tensor.shape.elementCount, columns: 1, .stored(tensor))
  }

  /// A tensor that is stored twice.
  static func twice(_ one: StoredTensor, _ other: StoredTensor) -> Factor {
    let (rows, columns) = one.shape.matrix
    return Factor(rows: rows, columns: columns, .twice(one, other))
  }

  /// A square M with an even number of columns k for each of `positions` positions b, `[b·k, k]`:
  /// M·diag(c) + M̃·diag(s), where c and s are the cosines and sines of b·10000^(−2t/k), t < k/2,
  /// twice in a row, and M̃ = [M's right half, −M's left half].
  static func turned(_ square: Factor, positions: Int) -> Factor {
    precondition(square.rows == square.columns && square.columns % 2 == 0, "an even square")
    return Factor(
      rows: square.rows * positions, columns: square.columns, .turned(square, positions: positions))
  }

  /// Ones on the diagonal.
  public static func identity(_ count: Int) -> Factor {
    Factor(rows: count, columns: count, .identity)
  }

  /// A 0-1 matrix with a 1 in each column.
  static func incidence(_ selection: Selection, rows: Int, wraps: Bool = false) -> Factor {
    precondition(selection.upperBound <= rows, "every 1 has a row")
    return Factor(
      rows: rows, columns: selection.count,
      .incidence(Incidence(selection: selection, wraps: wraps)))
  }

  /// Random numbers drawn again.
  static func drawn(_ draw: UniformDraw, rows: Int, columns: Int) -> Factor {
    Factor(rows: rows, columns: columns, .drawn(draw))
  }

  /// The transpose.
  public var transposed: Factor {
    if case .transposed(let inner) = recipe { return inner }
    return Factor(rows: columns, columns: rows, .transposed(self))
  }

  /// The product of two matrices.
  public static func product(_ left: Factor, _ right: Factor) -> Factor {
    precondition(left.columns == right.rows, "the inner extents are equal")
    return Factor(rows: left.rows, columns: right.columns, .product(left, right))
  }

  /// Every entry times a number, one rounding each.
  public func scaled(by number: Float) -> Factor {
    Factor(rows: rows, columns: columns, .scaled(self, number))
  }

  /// Row i times element i of a stored vector.
  public func scalingRows(by vector: StoredTensor) -> Factor {
    precondition(vector.shape.elementCount == rows, "one element a row")
    return Factor(rows: rows, columns: columns, .scaledRows(self, vector))
  }

  /// Chosen rows.
  public func selectingRows(_ selection: Selection) -> Factor {
    precondition(selection.upperBound <= rows, "every chosen row exists")
    return Factor(rows: selection.count, columns: columns, .rows(self, selection))
  }

  /// Chosen columns.
  public func selectingColumns(_ selection: Selection) -> Factor {
    transposed.selectingRows(selection).transposed
  }

  /// Matrices on top of one another.
  public static func stacked(_ parts: [Factor]) -> Factor {
    precondition(Set(parts.map(\.columns)).count == 1, "parts of one width")
    if parts.count == 1 { return parts[0] }
    return Factor(
      rows: parts.reduce(0) { $0 + $1.rows }, columns: parts[0].columns, .stacked(parts))
  }

  /// Matrices side by side.
  public static func sideBySide(_ parts: [Factor]) -> Factor {
    stacked(parts.map(\.transposed)).transposed
  }

  /// `count` slices of rows along the diagonal: `[rows, columns · count]`.
  public func blockDiagonal(_ count: Int) -> Factor {
    precondition(count > 0 && rows % count == 0, "slices of equal height")
    return Factor(rows: rows, columns: columns * count, .blockDiagonal(self, count: count))
  }

  /// The rows, in order, set down at the given ranges of a zero matrix of `total` rows.
  public func placingRows(at ranges: [Range<Int>], total: Int) -> Factor {
    precondition(ranges.reduce(0) { $0 + $1.count } == rows, "every row has a place")
    precondition(ranges.allSatisfy { $0.upperBound <= total }, "every place exists")
    return Factor(rows: total, columns: columns, .placed(self, at: ranges))
  }

  /// Row i of the one with row i of the other, each entry times each (Khatri and Rao).
  public static func rowwiseKronecker(_ left: Factor, _ right: Factor) -> Factor {
    precondition(left.rows == right.rows, "as many rows")
    return Factor(
      rows: left.rows, columns: left.columns * right.columns, .rowwiseKronecker(left, right))
  }

  /// left ⊗ right: `[left.rows · right.rows, left.columns · right.columns]`.
  public static func kronecker(_ left: Factor, _ right: Factor) -> Factor {
    Factor(
      rows: left.rows * right.rows, columns: left.columns * right.columns, .kronecker(left, right))
  }

  /// The core of a Tucker decomposition `[i, j, k…]` times `factor` `[j, q]`, as `[i, q · k]`.
  public static func modeProduct(core: StoredTensor, _ factor: Factor) -> Factor {
    let extents = core.shape.extents
    precondition(extents.count >= 2 && extents[1] == factor.rows, "the core's second extent")
    return Factor(
      rows: extents[0], columns: factor.columns * extents.dropFirst(2).reduce(1, *),
      .modeProduct(core: core, factor))
  }

  /// The matrix as a product of two whose inner extent bounds its rank.
  var split: (left: Factor, right: Factor) {
    if case .product(let left, let right) = recipe { return (left, right) }
    return rows <= columns ? (.identity(rows), self) : (self, .identity(columns))
  }
}
