internal import CKernels
public import Tensors

/// A weight `[rows, columns]` kept in the type it is stored in, and widened to Float a panel of
/// rows at a time while it is multiplied.
///
/// Panels are cut by the weight's shape alone, so that what is computed for one sequence does not
/// depend on what is computed beside it.
public struct StoredMatrix: Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  private let dtype: DType
  private let bytes: [UInt8]

  /// Takes the little-endian elements of a type that is computed with, row after row.
  public init(rows: Int, columns: Int, dtype: DType, bytes: [UInt8]) {
    precondition(dtype.isComputed, "the elements can be widened")
    precondition(bytes.count == rows * columns * dtype.elementByteCount)
    self.rows = rows
    self.columns = columns
    self.dtype = dtype
    self.bytes = bytes
  }

  /// The entries of a panel: two megabytes of Float.
  private static let panelElementCount = 1 << 19

  /// The rows of a panel, by the width of the weight.
  private var rowsPerPanel: Int { max(16, Self.panelElementCount / max(columns, 1) / 16 * 16) }

  /// Calls `body` for each panel in order with its rows, widened into `scratch`.
  public func forEachPanel(
    scratch: inout [Float], form: KernelForm, _ body: (Range<Int>, [Float]) -> Void
  ) {
    var row = 0
    while row < rows {
      let end = min(rows, row + rowsPerPanel)
      widen(row..<end, into: &scratch, at: 0, form: form)
      body(row..<end, scratch)
      row = end
    }
  }

  /// x · Wᵀ for each segment of rows by itself: x `[n, columns]`, target `[n, rows]`.
  public func multiplyTransposed(
    _ x: [Float], segments: [Range<Int>], into target: inout [Float], scratch: inout [Float],
    form: KernelForm
  ) {
    let (inner, outer) = (columns, rows)
    forEachPanel(scratch: &scratch, form: form) { panel, values in
      for segment in segments {
        SinglePrecision.multiply(
          x, Panel(offset: segment.lowerBound * inner, rows: segment.count, columns: inner),
          by: values, Panel(rows: panel.count, columns: inner), isRightTransposed: true,
          into: &target,
          Panel(
            offset: segment.lowerBound * outer + panel.lowerBound, rows: segment.count,
            columns: panel.count, stride: outer))
      }
    }
  }

  /// x · W for each segment of rows by itself: x `[n, rows]`, target `[n, columns]`. GPT-2 stores
  /// its weights this way round.
  public func multiply(
    _ x: [Float], segments: [Range<Int>], into target: inout [Float], scratch: inout [Float],
    form: KernelForm
  ) {
    let (inner, outer) = (rows, columns)
    forEachPanel(scratch: &scratch, form: form) { panel, values in
      for segment in segments {
        SinglePrecision.multiply(
          x,
          Panel(
            offset: segment.lowerBound * inner + panel.lowerBound, rows: segment.count,
            columns: panel.count, stride: inner),
          by: values, Panel(rows: panel.count, columns: outer), adding: panel.lowerBound > 0,
          into: &target,
          Panel(offset: segment.lowerBound * outer, rows: segment.count, columns: outer))
      }
    }
  }

  /// Writes the rows of these numbers one after the other into `target`, `[indices.count, columns]`.
  public func gather(_ indices: [Int], into target: inout [Float], form: KernelForm) {
    for (place, index) in indices.enumerated() {
      widen(index..<index + 1, into: &target, at: place * columns, form: form)
    }
  }

  private func widen(
    _ range: Range<Int>, into target: inout [Float], at offset: Int, form: KernelForm
  ) {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows)
    let count = range.count * columns
    if target.count < offset + count {
      target.append(contentsOf: repeatElement(0, count: offset + count - target.count))
    }
    guard count > 0 else { return }
    unsafe bytes.withUnsafeBytes { source in
      unsafe target.withUnsafeMutableBufferPointer { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        unsafe adapterctl_convert(
          form.kernel, dtype.computedElement,
          from + range.lowerBound * columns * dtype.elementByteCount, ADAPTERCTL_F32, to + offset,
          count)
      }
    }
  }
}

extension StoredMatrix {
  /// A matrix of Float as it is.
  public init(_ matrix: Matrix) {
    let bytes = unsafe matrix.elements.withUnsafeBytes { unsafe [UInt8]($0) }
    self.init(rows: matrix.rows, columns: matrix.columns, dtype: .f32, bytes: bytes)
  }
}
