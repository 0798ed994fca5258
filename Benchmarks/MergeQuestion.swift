internal import Compute
internal import Tensors

/// How fast is a merge in memory?
struct MergeQuestion: Question {
  let name = "merge"
  let text =
    "product, rounding, corrections and sums of 4096x4096, "
    + "‖Δ‖/‖W‖ = 0.01; limit: memcpy of the same bytes"

  private static let side = 4096
  /// What a job of a merge holds: 1 MiB of bf16.
  private static let rowsPerJob = 128

  func answer() {
    let limit = Limits.copying(Self.side * Self.side * 2)
    for type in [DType.bf16, .f16, .f32] {
      for depth in [1, 16, 64, 256] where type == .bf16 || depth == 16 {
        for form in Samples.forms where form != .scalar {
          for corrects in [false, true] where corrects || depth == 16 {
            let rate = rate(type, depth: depth, form, corrects: corrects)
            let label = "\(type) r\(depth) \(form)\(corrects ? " with corrections" : "")"
            Measurement.report(label, rate, of: limit, "GB/s")
          }
        }
      }
    }
  }

  /// Bytes of the base read and of the result written, in 10⁹ a second.
  private func rate(_ type: DType, depth: Int, _ form: KernelForm, corrects: Bool) -> Double {
    let (side, height) = (Self.side, Self.rowsPerJob)
    let jobElements = side * height
    let product = FactorProduct(
      left: Matrix(
        rows: side,
        columns: depth,
        elements: Samples.floats(
          side * depth,
          seed: 1,
          scale: 0.01 * (3 / Float(depth)).squareRoot()
        )
      ),
      right: Matrix(
        rows: depth,
        columns: side,
        elements: Samples.floats(depth * side, seed: 2)
      ),
      form: form
    )
    let bases = (0..<side / height).map {
      Samples.bytes(jobElements, of: type, seed: UInt64($0 + 3))
    }
    // Reused, as a merge reuses what it has written.
    var merged = bases[0]
    var delta = [Float](repeating: 0, count: 1 << 16)
    let arithmetic = MergeArithmetic(baseType: type, mergedType: type, form: form)
    var corrections: CorrectionScratch? = corrects ? CorrectionScratch() : nil
    var sums = MergeSums()
    let seconds = Measurement.seconds {
      for (job, base) in bases.enumerated() {
        corrections?.removeAll()
        product.forEachRectangle(rows: job * height..<(job + 1) * height) { rows, columns in
          product.write(rows: rows, columns: columns, into: &delta)
          for run in Self.runs(rows, columns, of: side, firstRow: job * height) {
            arithmetic.merge(
              run,
              base: base,
              delta: delta,
              merged: &merged,
              sums: &sums,
              corrections: &corrections
            )
          }
        }
      }
    }
    return 2 * Double(side * side * type.elementByteCount) / seconds / 1e9
  }

  /// One run for rectangles of whole rows, otherwise one for each row.
  private static func runs(
    _ rows: Range<Int>,
    _ columns: Range<Int>,
    of width: Int,
    firstRow: Int
  ) -> [MergeArithmetic.Run] {
    if columns.count == width {
      return [
        .init(start: (rows.lowerBound - firstRow) * width, count: rows.count * width, deltaStart: 0)
      ]
    }
    return rows.map {
      .init(
        start: ($0 - firstRow) * width + columns.lowerBound,
        count: columns.count,
        deltaStart: ($0 - rows.lowerBound) * columns.count
      )
    }
  }
}
