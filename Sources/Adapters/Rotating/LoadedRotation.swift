internal import Compute
internal import Tensors

/// A rotation in memory: its blocks and their inverses, ready for any rows of a tensor.
///
/// Blocks are computed in Double and rounded to Float; a row is then mapped block by block, each
/// entry a sum over ascending k by fma in Float, as products of factors are (NUMERICS.md).
struct LoadedRotation: Sendable {
  /// One stage: blocks as they act on entries, `[size, size]`, one for each place or one for all.
  private struct Stage: Sendable {
    let blocks: [Matrix]
    let inverses: [Matrix]?
    let order: [Int]?
  }

  private let stages: [Stage]
  private let gains: [Float]?
  private let outputsAreColumns: Bool
  /// Whether the entries that are mapped stand in a column, not in a row.
  let mapsColumns: Bool
  /// The rows that must be mapped together: the size of a block where columns are mapped.
  let rowStep: Int
  private let form: KernelForm

  /// Loads a share of a rotation: `weight` 1 is all of it. Other weights are for single ones.
  init(
    _ rotation: Rotation, weight: Double, isTransposed: Bool, form: KernelForm
  ) throws(AdapterError) {
    precondition(weight == 1 || rotation.isSingle, "the planner refuses other shares")
    var stages: [Stage] = []
    for stage in rotation.stages {
      var blocks = try stage.blocks.matrices(form: form)
      if weight != 1 {
        blocks = blocks.map { block in
          let identity = BlockMatrix.identity(block.size)
          return identity.adding(block.adding(identity, times: -1), times: weight)
        }
      }
      let inverses = blocks.compactMap(\.inverse)
      stages.append(
        Stage(
          blocks: blocks.map(\.rounded),
          inverses: inverses.count == blocks.count ? inverses.map(\.rounded) : nil,
          order: stage.order))
    }
    self.stages = stages
    gains = try rotation.gain.map { gain throws(AdapterError) in try gain.floats(form: form) }
    outputsAreColumns = isTransposed
    mapsColumns = (rotation.side == .outputs) != isTransposed
    rowStep = mapsColumns ? stages.map { $0.blocks[0].rows }.max() ?? 1 : 1
    self.form = form
  }

  /// Whether the way back exists.
  var hasInverse: Bool { stages.allSatisfy { $0.inverses != nil } }

  /// The rows that must be read for the elements of a range.
  func rows(of range: Range<Int>, columns: Int, rowCount: Int) -> Range<Int> {
    let first = range.lowerBound / columns / rowStep * rowStep
    let last = (range.upperBound + columns - 1) / columns
    return first..<min(rowCount, (last + rowStep - 1) / rowStep * rowStep)
  }

  /// The rows as the rotation maps them; `firstRow` is the place of the first in the tensor.
  func applied(to values: Matrix, firstRow: Int) -> Matrix {
    var made = values
    for stage in stages { map(&made, stage.blocks, stage.order, firstRow: firstRow) }
    multiply(&made, firstRow: firstRow, dividing: false)
    blurNonFinite(&made, after: values)
    return made
  }

  /// The rows as they were before the rotation, up to rounding. Only where `hasInverse`.
  func undone(in values: Matrix, firstRow: Int) -> Matrix {
    var made = values
    multiply(&made, firstRow: firstRow, dividing: true)
    for stage in stages.reversed() {
      guard let inverses = stage.inverses else { preconditionFailure("the way back exists") }
      map(&made, inverses, stage.order, firstRow: firstRow)
    }
    return made
  }

  /// Makes NaN of whatever is not finite in a row, or a column where columns are mapped, that was
  /// not finite before: infinities would otherwise become one or the other by chance of a factor.
  private func blurNonFinite(_ mapped: inout Matrix, after values: Matrix) {
    guard values.elements.contains(where: { !$0.isFinite }) else { return }
    var odd: Set<Int> = []
    for (index, value) in values.elements.enumerated() where !value.isFinite {
      odd.insert(mapsColumns ? index % values.columns : index / values.columns)
    }
    for (index, value) in mapped.elements.enumerated()
    where !value.isFinite
      && odd.contains(mapsColumns ? index % values.columns : index / values.columns)
    {
      mapped.elements[index] = .nan
    }
  }

  private func multiply(_ matrix: inout Matrix, firstRow: Int, dividing: Bool) {
    guard let gains else { return }
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        let gain = gains[outputsAreColumns ? column : firstRow + row]
        let place = row * matrix.columns + column
        matrix.elements[place] =
          dividing ? matrix.elements[place] / gain : matrix.elements[place] * gain
      }
    }
  }

  private func map(
    _ matrix: inout Matrix, _ blocks: [Matrix], _ order: [Int]?, firstRow: Int
  ) {
    let size = blocks[0].rows
    if mapsColumns {
      precondition(order == nil, "columns keep their order")
      for start in stride(from: 0, to: matrix.rows, by: size) {
        let block = blocks[(firstRow + start) / size % blocks.count]
        let part = Matrix(
          rows: size, columns: matrix.columns,
          elements: Array(
            matrix.elements[start * matrix.columns..<(start + size) * matrix.columns]))
        let product = FactorProduct(left: block, right: part, form: form).matrix
        matrix.elements.replaceSubrange(
          start * matrix.columns..<(start + size) * matrix.columns, with: product.elements)
      }
      return
    }
    let columns = matrix.columns
    var part = [Float](repeating: 0, count: matrix.rows * size)
    for start in stride(from: 0, to: columns, by: size) {
      for row in 0..<matrix.rows {
        for k in 0..<size {
          part[row * size + k] = matrix.elements[row * columns + (order?[start + k] ?? start + k)]
        }
      }
      let block = blocks[start / size % blocks.count]
      let product = FactorProduct(
        left: Matrix(rows: matrix.rows, columns: size, elements: part), right: block.transposed,
        form: form
      ).matrix
      for row in 0..<matrix.rows {
        for k in 0..<size {
          matrix.elements[row * columns + (order?[start + k] ?? start + k)] =
            product.elements[row * size + k]
        }
      }
    }
  }
}

extension BlockMatrix {
  /// The entries as Float, each rounded once.
  fileprivate var rounded: Matrix {
    Matrix(rows: size, columns: size, elements: entries.map { Float($0) })
  }
}
