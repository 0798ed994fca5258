internal import Compute

/// How fast is the product of two factors, taken in rectangles that stay in the caches?
struct ProductQuestion: Question {
  let name = "product"
  let text = "B · A in rectangles of the caches' size; limit: sgemm of the whole, one thread"

  func answer() {
    print("  OpenBLAS computes for \(Limits.multiplierName); OPENBLAS_CORETYPE chooses another")
    for columns in [4096, 14336] {
      for depth in [16, 64, 256] {
        let limit = Limits.multiplying(rows: 4096, depth: depth, columns: columns)
        for form in Samples.forms where form != .scalar || depth == 16 {
          let rate = rate(rows: form == .scalar ? 256 : 4096, depth: depth, columns, form)
          Measurement.report("4096x\(columns) r\(depth) \(form)", rate, of: limit, "GFLOP/s")
        }
      }
    }
  }

  private func rate(rows: Int, depth: Int, _ columns: Int, _ form: KernelForm) -> Double {
    let product = FactorProduct(
      left: Matrix(rows: rows, columns: depth, elements: Samples.floats(rows * depth, seed: 1)),
      right: Matrix(
        rows: depth,
        columns: columns,
        elements: Samples.floats(depth * columns, seed: 2)
      ),
      form: form
    )
    var delta = [Float](repeating: 0, count: 1 << 16)
    let seconds = Measurement.seconds {
      product.forEachRectangle { rows, columns in
        product.write(rows: rows, columns: columns, into: &delta)
      }
    }
    return 2 * Double(rows) * Double(depth) * Double(columns) / seconds / 1e9
  }
}

extension FactorProduct {
  /// All rectangles, as a merge takes them.
  func forEachRectangle(rows wanted: Range<Int>? = nil, _ body: (Range<Int>, Range<Int>) -> Void) {
    let wanted = wanted ?? 0..<rows
    for start in stride(from: 0, to: columns, by: columnsPerBlock) {
      let block = start..<min(columns, start + columnsPerBlock)
      let height = max(1, (1 << 16) / block.count)
      for row in stride(from: wanted.lowerBound, to: wanted.upperBound, by: height) {
        body(row..<min(wanted.upperBound, row + height), block)
      }
    }
  }
}
