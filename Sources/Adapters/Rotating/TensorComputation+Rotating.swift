internal import Compute
internal import Files
internal import Tensors

/// Tensors that a linear map changes: whole rows are read, mapped and rounded.
extension TensorComputation {
  /// Fills `scratch.target` with the mapped elements of `range`. Rows that only partly belong to it
  /// are read once more.
  func mergeRotation(
    _ rotation: LoadedRotation, _ range: Range<Int>, scratch: inout Scratch, corrects: Bool,
    sums: inout MergeSums
  ) throws(AdapterError) {
    guard !range.isEmpty else { return }
    let (rows, before) = try wholeRows(of: range, rotation)
    let mapped = rotation.applied(to: before, firstRow: rows.lowerBound)
    let offset = range.lowerBound - rows.lowerBound * before.columns
    let arithmetic = MergeArithmetic(baseType: baseType, mergedType: tensor.dtype, form: form)
    var (target, none) = (scratch.target, CorrectionScratch?.none)
    scratch.target = []
    // A gain of 0 leaves the mapped value alone, and keeps the sums about the change.
    arithmetic.merge(
      .init(start: 0, count: range.count, deltaStart: offset, gain: .uniform(0)),
      base: scratch.source, delta: mapped.elements, merged: &target, sums: &sums,
      corrections: &none)
    scratch.target = target
    guard corrects else { return }
    var merged = mapped
    Conversion.round(
      &merged.elements, count: merged.elements.count, to: tensor.dtype, form: form)
    predictRotated(merged, rotation, rows: rows, range, &scratch.predicted)
    scratch.corrections.appendDifferences(
      base: scratch.source, predicted: scratch.predicted, type: baseType, count: range.count,
      form: form)
  }

  /// Fills `scratch.predicted` with the base's elements of `range` as the inverse map gives them.
  func predictRotation(
    _ rotation: LoadedRotation, _ range: Range<Int>, scratch: inout Scratch
  ) throws(AdapterError) {
    guard !range.isEmpty else { return }
    let (rows, merged) = try wholeRows(of: range, rotation)
    predictRotated(merged, rotation, rows: rows, range, &scratch.predicted)
  }

  private func wholeRows(
    of range: Range<Int>, _ rotation: LoadedRotation
  ) throws(AdapterError) -> (rows: Range<Int>, Matrix) {
    guard let origin else { preconditionFailure("a mapped tensor has an origin") }
    let (rowCount, columns) = tensor.shape.matrix
    let rows = rotation.rows(of: range, columns: columns, rowCount: rowCount)
    let values = try origin.floats(rows: rows, columns: columns, form: form)
    // One such value would spread over all that it is mixed with.
    let bad = Conversion.nonFiniteCount(values, form: form)
    guard bad == 0 else { throw .notFinite(origin.file.reader.path, tensor.name, count: bad) }
    return (
      rows,
      Matrix(
        rows: rows.count, columns: columns,
        elements: values)
    )
  }

  /// The inverse map of merged rows, rounded to the base's type; the merged values themselves where
  /// there is no inverse. What is not finite becomes +0: any base is corrected to.
  private func predictRotated(
    _ merged: Matrix, _ rotation: LoadedRotation, rows: Range<Int>, _ range: Range<Int>,
    _ predicted: inout [UInt8]
  ) {
    let undone =
      rotation.hasInverse ? rotation.undone(in: merged, firstRow: rows.lowerBound) : merged
    let offset = range.lowerBound - rows.lowerBound * merged.columns
    let values = undone.elements[offset..<offset + range.count].map { $0.isFinite ? $0 : 0 }
    Scratch.resize(&predicted, to: range.count * baseType.elementByteCount)
    var target = predicted.mutableSpan
    Conversion.write(values, as: baseType, into: &target, form: form)
  }
}

extension StoredTensor {
  /// Some rows of a contiguous tensor, widened to Float.
  func floats(
    rows: Range<Int>, columns: Int, form: KernelForm
  ) throws(AdapterError) -> [Float] {
    let width = info.dtype.elementByteCount
    do {
      let bytes = try file.reader.bytes(
        at: info.byteOffset + rows.lowerBound * columns * width, count: rows.count * columns * width
      )
      return Conversion.floats(bytes, of: info.dtype, form: form)
    } catch { throw .file(error) }
  }
}
