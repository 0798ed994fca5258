internal import Compute
internal import Tensors

/// All that a plan does to one tensor, loaded and ready for any range of its elements.
///
/// The order is fixed: a replacement takes the base's place; then the base is multiplied by the
/// gain and the delta added; then replaced rows are laid over. A rotation stands alone.
struct TensorUpdate: Sendable {
  /// The additive part.
  enum Addition: Sendable {
    case none
    /// A delta, computed a rectangle at a time.
    case delta(LoadedDelta)
  }

  let addition: Addition
  /// What the base is multiplied by, along one side of the tensor.
  let gains: Gains?
  /// The map of one side of the tensor, which then is all that is done to it.
  let rotation: LoadedRotation?
  /// A tensor that takes the base's place.
  let replacement: StoredTensor?
  /// Rows that take the place of the base's: row of the tensor → row of the stored tensor.
  let rows: (places: [Int: Int], stored: StoredTensor)?
  /// The type the delta is rounded to before it is added; nil for no such rounding.
  let deltaRounding: DType?

  /// Factors for the rows or the columns of a tensor.
  struct Gains: Sendable {
    /// Whether there is one factor a column instead of one a row.
    let isPerColumn: Bool
    let factors: [Float]
  }

  /// Whether stored values take the place of the base's anywhere.
  var substitutes: Bool { replacement != nil || rows != nil }

  /// The room a rectangle of deltas may take, in elements.
  static let rectangleElementCount = 1 << 16

  /// Calls `body` for neighbouring elements of `range` with their deltas, in rectangles that the
  /// caches hold; the runs cover the range once each, and in ascending order unless the product is
  /// so deep that its columns are taken in blocks.
  ///
  /// `range` counts elements of the tensor, `start` in a run counts from the range's start.
  func forEachRun(
    in range: Range<Int>, columns: Int, delta: inout [Float], form: KernelForm,
    _ body: (MergeArithmetic.Run, [Float]) -> Void
  ) {
    switch addition {
    case .none: return
    case .delta(let loaded):
      var spare: [Float] = []
      for rectangle in Rectangles(of: range, columns: columns, delta: loaded) {
        let count = rectangle.rows.count * rectangle.computedColumns.count
        if delta.count < count {
          delta.append(contentsOf: repeatElement(0, count: count - delta.count))
        }
        loaded.write(
          rows: rectangle.rows, columns: rectangle.computedColumns, into: &delta, spare: &spare)
        roundDelta(&delta, count: count, form: form)
        emitRuns(rectangle, columns: columns, rangeStart: range.lowerBound, delta, body)
      }
    }
  }

  private func emitRuns(
    _ rectangle: Rectangles.Rectangle, columns: Int, rangeStart: Int, _ delta: [Float],
    _ body: (MergeArithmetic.Run, [Float]) -> Void
  ) {
    let skipped = rectangle.columns.lowerBound - rectangle.computedColumns.lowerBound
    if rectangle.columns.count == columns, gains == nil {
      let start = rectangle.rows.lowerBound * columns - rangeStart
      body(
        .init(start: start, count: rectangle.rows.count * columns, deltaStart: 0), delta)
      return
    }
    for (position, row) in rectangle.rows.enumerated() {
      body(
        .init(
          start: row * columns + rectangle.columns.lowerBound - rangeStart,
          count: rectangle.columns.count,
          deltaStart: position * rectangle.computedColumns.count + skipped,
          gain: gain(row: row, columns: rectangle.columns)), delta)
    }
  }

  private func gain(row: Int, columns: Range<Int>) -> Gain {
    guard let gains else { return .none }
    return gains.isPerColumn ? .each(gains.factors[columns]) : .uniform(gains.factors[row])
  }

  /// Rounds deltas to a narrower type and back, for compatibility with two roundings.
  private func roundDelta(_ delta: inout [Float], count: Int, form: KernelForm) {
    guard let deltaRounding else { return }
    Conversion.round(&delta, count: count, to: deltaRounding, form: form)
  }
}
