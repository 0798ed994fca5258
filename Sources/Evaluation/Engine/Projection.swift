internal import Compute

/// A weight that hidden values are multiplied by, with the adapters' share beside it: unmerged, in
/// the form in which it was trained.
struct Projection: Sendable {
  /// `[out, in]`, or `[in, out]` where `isInputMajor`.
  let weight: StoredMatrix
  /// Whether the weight is stored `[in, out]`, as GPT-2 has it.
  let isInputMajor: Bool
  /// `[out]`
  let bias: [Float]?
  /// ΔW of the weight as it is stored: left `[rows, rank]`, right `[rank, columns]`.
  let update: (left: Matrix, right: Matrix)?

  /// The width of what comes out.
  var outputSize: Int { isInputMajor ? weight.columns : weight.rows }

  /// target = x·Wᵀ + (x·rightᵀ)·leftᵀ + bias for each segment of rows by itself; with an
  /// input-major weight x·W + (x·left)·right + bias.
  func apply(
    to x: [Float], segments: [Range<Int>], into target: inout [Float],
    scratch: inout ForwardScratch.Widening, form: KernelForm
  ) {
    let rows = segments.last?.upperBound ?? 0
    grow(&target, to: rows * outputSize)
    if isInputMajor {
      weight.multiply(
        x, segments: segments, into: &target, scratch: &scratch.panel, form: form)
    } else {
      weight.multiplyTransposed(
        x, segments: segments, into: &target, scratch: &scratch.panel, form: form)
    }
    if let update { add(update, to: x, segments: segments, into: &target, scratch: &scratch) }
    if let bias { Elementwise.add(row: bias, toRowsOf: &target, rows: rows) }
  }

  private func add(
    _ update: (left: Matrix, right: Matrix), to x: [Float], segments: [Range<Int>],
    into target: inout [Float], scratch: inout ForwardScratch.Widening
  ) {
    let rank = update.left.columns
    let (down, up) = isInputMajor ? (update.left, update.right) : (update.right, update.left)
    let inputSize = isInputMajor ? weight.rows : weight.columns
    for segment in segments {
      grow(&scratch.narrow, to: segment.count * rank)
      SinglePrecision.multiply(
        x, Panel(offset: segment.lowerBound * inputSize, rows: segment.count, columns: inputSize),
        by: down.elements, down.panel, isRightTransposed: !isInputMajor, into: &scratch.narrow,
        Panel(rows: segment.count, columns: rank))
      SinglePrecision.multiply(
        scratch.narrow, Panel(rows: segment.count, columns: rank), by: up.elements, up.panel,
        isRightTransposed: !isInputMajor, adding: true, into: &target,
        Panel(offset: segment.lowerBound * outputSize, rows: segment.count, columns: outputSize))
    }
  }
}

extension Matrix {
  /// The whole matrix.
  var panel: Panel { Panel(rows: rows, columns: columns) }
}

/// Makes an array at least `count` long, keeping it where it is long enough.
func grow(_ values: inout [Float], to count: Int) {
  if values.count < count {
    values.append(contentsOf: repeatElement(0, count: count - values.count))
  }
}
