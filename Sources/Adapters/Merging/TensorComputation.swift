internal import Compute
internal import Files
internal import Tensors

/// The computation of one tensor's merged elements, for any range of them: shared by merging, which
/// stores them, and verifying, which compares.
struct TensorComputation: Sendable {
  let tensor: PlannedTensor
  let update: TensorUpdate
  /// Where whole rows are read for updates that need them: the base's tensor to merge, the merged
  /// one to take the update out; nil where there is none.
  let origin: StoredTensor?
  let form: KernelForm

  /// Fills `scratch.target` with the merged elements of `range` from the base's in
  /// `scratch.source`, and adds up what was done.
  ///
  /// `scratch.source` holds `sourceCount` elements of the base from the start of the range on: as
  /// many as the range has, unless a replacement has more elements than the base, or fewer. With
  /// `corrects`, `scratch.corrections` says afterwards what a prediction of those misses.
  func merge(
    _ range: Range<Int>, sourceCount: Int, scratch: inout Scratch, corrects: Bool
  ) throws(AdapterError) -> MergeSums {
    let width = tensor.dtype.elementByteCount
    Scratch.resize(&scratch.target, to: range.count * width)
    scratch.corrections.removeAll()
    var sums = MergeSums()
    if update.substitutes || tensor.source == nil {
      try mergeSubstitution(
        range, sourceCount: sourceCount, scratch: &scratch, corrects: corrects, sums: &sums)
    } else if let rotation = update.rotation {
      try mergeRotation(rotation, range, scratch: &scratch, corrects: corrects, sums: &sums)
    } else if case .none = update.addition {
      convertSource(range, scratch: &scratch, sums: &sums, corrects: corrects)
    } else {
      mergeAddition(range, scratch: &scratch, corrects: corrects, sums: &sums)
    }
    return sums
  }

  var baseType: DType { tensor.source?.info.dtype ?? tensor.dtype }

  private var columns: Int { tensor.matrix.columns }

  private func mergeAddition(
    _ range: Range<Int>, scratch: inout Scratch, corrects: Bool, sums: inout MergeSums
  ) {
    let arithmetic = MergeArithmetic(baseType: baseType, mergedType: tensor.dtype, form: form)
    // Taken out of the scratch, so that its parts can change side by side.
    var (target, corrections) = (scratch.target, corrects ? scratch.corrections : nil)
    scratch.target = []
    scratch.corrections = CorrectionScratch()
    let source = scratch.source
    update.forEachRun(in: range, columns: columns, delta: &scratch.delta, form: form) {
      run, delta in
      arithmetic.merge(
        run, base: source, delta: delta, merged: &target, sums: &sums, corrections: &corrections)
    }
    scratch.target = target
    if var corrections {
      corrections.sort()
      scratch.corrections = corrections
    }
  }

  /// A tensor of which nothing changes but the type.
  private func convertSource(
    _ range: Range<Int>, scratch: inout Scratch, sums: inout MergeSums, corrects: Bool
  ) {
    sums.overflowedCount = narrow(
      scratch.source, baseType, &scratch.target, tensor.dtype, range.count)
    sums.elementCount = range.count
    if corrects { findCorrections(range, sourceCount: range.count, scratch: &scratch) }
  }

  private func mergeSubstitution(
    _ range: Range<Int>, sourceCount: Int, scratch: inout Scratch, corrects: Bool,
    sums: inout MergeSums
  ) throws(AdapterError) {
    var overflowedCount = 0
    if let stored = update.replacement {
      try readSubstitute(stored, range, scratch: &scratch)
      overflowedCount = addToSubstitute(stored.dtype, range, scratch: &scratch)
    } else if tensor.source != nil {
      overflowedCount = narrow(
        scratch.source, baseType, &scratch.target, tensor.dtype, range.count)
    } else {
      // A new tensor that only deltas make: they are added to zeros.
      Scratch.resize(&scratch.substitute, to: range.count * tensor.dtype.elementByteCount)
      for index in scratch.substitute.indices { scratch.substitute[index] = 0 }
      overflowedCount = addToSubstitute(tensor.dtype, range, scratch: &scratch)
    }
    if let rows = update.rows {
      overflowedCount += try layRows(rows, over: range, scratch: &scratch)
    }
    sums = substitutionSums(range, sourceCount: sourceCount, scratch: scratch)
    sums.overflowedCount = overflowedCount
    if corrects { findCorrections(range, sourceCount: sourceCount, scratch: &scratch) }
  }

  private func readSubstitute(
    _ stored: StoredTensor, _ range: Range<Int>, scratch: inout Scratch
  ) throws(AdapterError) {
    let width = stored.dtype.elementByteCount
    Scratch.resize(&scratch.substitute, to: range.count * width)
    do {
      if stored.info.strides == nil {
        try stored.file.reader.read(
          at: stored.info.byteOffset + range.lowerBound * width, count: range.count * width,
          into: &scratch.substitute)
      } else {
        let bytes = try stored.file.bytes(of: stored.info)
        scratch.substitute.replaceSubrange(
          ..<(range.count * width),
          with: bytes[range.lowerBound * width..<range.upperBound * width])
      }
    } catch let error as FileError {
      throw .file(error)
    } catch let error as TensorError {
      throw .tensor(error)
    } catch { preconditionFailure("reading throws these two errors only") }
    let values = Conversion.floats(
      Array(scratch.substitute[..<(range.count * width)]), of: stored.dtype, form: form)
    let bad = Conversion.nonFiniteCount(values, form: form)
    guard bad == 0 else { throw .notFinite(stored.file.reader.path, stored.name, count: bad) }
  }

  /// Rounds the substitute to the target, with what is added to it on top, and counts the elements
  /// that are too large for it.
  private func addToSubstitute(
    _ dtype: DType, _ range: Range<Int>, scratch: inout Scratch
  ) -> Int {
    guard case .none = update.addition else {
      let arithmetic = MergeArithmetic(baseType: dtype, mergedType: tensor.dtype, form: form)
      var (target, sums) = (scratch.target, MergeSums())
      scratch.target = []
      let substitute = scratch.substitute
      var none: CorrectionScratch?
      update.forEachRun(in: range, columns: columns, delta: &scratch.delta, form: form) {
        run, delta in
        arithmetic.merge(
          run, base: substitute, delta: delta, merged: &target, sums: &sums, corrections: &none)
      }
      scratch.target = target
      return sums.overflowedCount
    }
    return narrow(scratch.substitute, dtype, &scratch.target, tensor.dtype, range.count)
  }

  /// Lays stored rows over the target and counts the elements of all that are too large for it.
  private func layRows(
    _ rows: (places: [Int: Int], stored: StoredTensor), over range: Range<Int>,
    scratch: inout Scratch
  ) throws(AdapterError) -> Int {
    guard columns > 0 else { return 0 }
    let bytes: [UInt8]
    do { bytes = try rows.stored.file.bytes(of: rows.stored.info) } catch { throw .tensor(error) }
    let values = Conversion.floats(bytes, of: rows.stored.dtype, form: form)
    let bad = Conversion.nonFiniteCount(values, form: form)
    guard bad == 0 else {
      throw .notFinite(rows.stored.file.reader.path, rows.stored.name, count: bad)
    }
    let width = tensor.dtype.elementByteCount
    var converted = [UInt8](repeating: 0, count: rows.stored.shape.elementCount * width)
    let overflowedCount = narrow(
      bytes, rows.stored.dtype, &converted, tensor.dtype, rows.stored.shape.elementCount)
    for (row, stored) in rows.places {
      let wanted = max(range.lowerBound, row * columns)..<min(range.upperBound, (row + 1) * columns)
      guard row * columns < range.upperBound, (row + 1) * columns > range.lowerBound else {
        continue
      }
      let from = (stored * columns + wanted.lowerBound - row * columns) * width
      let to = (wanted.lowerBound - range.lowerBound) * width
      scratch.target.replaceSubrange(
        to..<to + wanted.count * width, with: converted[from..<from + wanted.count * width])
    }
    return overflowedCount
  }

  /// What a substitution did, measured on the elements that both sides have; every other one
  /// counts as changed.
  private func substitutionSums(
    _ range: Range<Int>, sourceCount: Int, scratch: Scratch
  ) -> MergeSums {
    let shared = min(range.count, sourceCount)
    var sums = MergeSums.ofSubstitution(
      base: scratch.source, baseType: baseType, merged: scratch.target, mergedType: tensor.dtype,
      count: shared, form: form)
    sums.elementCount = max(range.count, sourceCount)
    sums.changedCount += sums.elementCount - shared
    return sums
  }

  /// What the prediction of a substituted base, its own merged value, misses.
  private func findCorrections(
    _ range: Range<Int>, sourceCount: Int, scratch: inout Scratch
  ) {
    predictSubstituted(scratch.target, range.count, sourceCount, &scratch.predicted)
    scratch.corrections.appendDifferences(
      base: scratch.source, predicted: scratch.predicted, type: baseType, count: sourceCount,
      form: form)
  }

  /// A substituted base as it is predicted: the merged value, and zero where there is none.
  private func predictSubstituted(
    _ merged: [UInt8], _ mergedCount: Int, _ baseCount: Int, _ predicted: inout [UInt8]
  ) {
    Scratch.resize(&predicted, to: baseCount * baseType.elementByteCount)
    let shared = min(mergedCount, baseCount)
    convert(merged, tensor.dtype, &predicted, baseType, shared)
    for index in shared * baseType.elementByteCount..<baseCount * baseType.elementByteCount {
      predicted[index] = 0
    }
  }

  /// Converts, and counts the elements that are too large for the type they are converted to.
  private func narrow(
    _ source: [UInt8], _ from: DType, _ target: inout [UInt8], _ to: DType, _ count: Int
  ) -> Int {
    convert(source, from, &target, to, count)
    return MergeSums.overflowedCount(
      from: source, from, to: target, to, count: count, form: form)
  }

  private func convert(
    _ source: [UInt8], _ from: DType, _ target: inout [UInt8], _ to: DType, _ count: Int
  ) {
    var span = target.mutableSpan
    Conversion.convert(source.span, from: from, into: &span, to: to, count: count, form: form)
  }
}

extension TensorComputation {
  /// Fills `scratch.predicted` with the base's elements of `range` as they come back from the
  /// merged ones in `scratch.source`, before corrections.
  ///
  /// `scratch.source` holds `mergedCount` elements, as many as the range has unless the update
  /// substitutes.
  func predict(
    _ range: Range<Int>, mergedCount: Int, scratch: inout Scratch
  ) throws(AdapterError) {
    if update.substitutes || tensor.source == nil {
      predictSubstituted(scratch.source, mergedCount, range.count, &scratch.predicted)
      return
    }
    precondition(mergedCount == range.count, "an addition leaves the shape as it is")
    if let rotation = update.rotation {
      try predictRotation(rotation, range, scratch: &scratch)
      return
    }
    Scratch.resize(&scratch.predicted, to: range.count * baseType.elementByteCount)
    if case .none = update.addition {
      convert(scratch.source, tensor.dtype, &scratch.predicted, baseType, range.count)
      return
    }
    let arithmetic = MergeArithmetic(baseType: baseType, mergedType: tensor.dtype, form: form)
    var predicted = scratch.predicted
    scratch.predicted = []
    let source = scratch.source
    update.forEachRun(in: range, columns: columns, delta: &scratch.delta, form: form) {
      run, delta in
      arithmetic.predict(run, merged: source, delta: delta, base: &predicted)
    }
    scratch.predicted = predicted
  }
}
