internal import CKernels

/// Sums of squares of base + delta, in Double, in an order that does not depend on the machine.
public enum SquareSums {
  /// Adds row `r`'s Σ (base + delta)² to `sums[r]`; both matrices are `[rows, columns]`.
  public static func addRows(
    base: [Float],
    delta: [Float],
    rows: Int,
    columns: Int,
    into sums: inout [Double],
    form: KernelForm
  ) {
    precondition(base.count >= rows * columns && delta.count >= rows * columns)
    precondition(sums.count >= rows)
    unsafe withPointers(base, delta, &sums) { base, delta, sums in
      unsafe adapterctl_add_row_squares(form.kernel, base, delta, rows, columns, sums)
    }
  }

  /// Adds column `c`'s Σ (base + delta)² to `sums[c]`, row after row.
  public static func addColumns(
    base: [Float],
    delta: [Float],
    rows: Int,
    columns: Int,
    into sums: inout [Double],
    form: KernelForm
  ) {
    precondition(base.count >= rows * columns && delta.count >= rows * columns)
    precondition(sums.count >= columns)
    unsafe withPointers(base, delta, &sums) { base, delta, sums in
      for row in 0..<rows {
        unsafe adapterctl_add_column_squares(
          form.kernel,
          base + row * columns,
          delta + row * columns,
          columns,
          sums
        )
      }
    }
  }

  private static func withPointers(
    _ base: [Float],
    _ delta: [Float],
    _ sums: inout [Double],
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Double>) -> Void
  ) {
    unsafe base.withUnsafeBufferPointer { base in
      unsafe delta.withUnsafeBufferPointer { delta in
        unsafe sums.withUnsafeMutableBufferPointer { sums in
          guard let base = base.baseAddress, let delta = delta.baseAddress,
            let sums = sums.baseAddress
          else { return }
          unsafe body(base, delta, sums)
        }
      }
    }
  }
}
