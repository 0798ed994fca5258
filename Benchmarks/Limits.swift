internal import COpenBLAS
internal import Glibc

/// What the machine can do, measured beside what we do.
enum Limits {
  /// Bytes read and written by memcpy, in 10⁹ a second, for a copy of `byteCount` bytes.
  static func copying(_ byteCount: Int) -> Double {
    let source = [UInt8](repeating: 1, count: byteCount)
    var target = [UInt8](repeating: 2, count: byteCount)
    let seconds = Measurement.seconds {
      unsafe target.withUnsafeMutableBytes { target in
        unsafe source.withUnsafeBytes { source in
          guard let to = target.baseAddress, let from = source.baseAddress else { return }
          unsafe _ = memcpy(to, from, byteCount)
        }
      }
    }
    return 2 * Double(byteCount) / seconds / 1e9
  }

  /// The processor for which OpenBLAS chose its kernels.
  static var multiplierName: String { unsafe String(cString: openblas_get_corename()) }

  /// Operations of OpenBLAS' sgemm in one thread, in 10⁹ a second.
  static func multiplying(rows: Int, depth: Int, columns: Int) -> Double {
    openblas_set_num_threads(1)
    let left = Samples.floats(rows * depth, seed: 1)
    let right = Samples.floats(depth * columns, seed: 2)
    var product = [Float](repeating: 0, count: rows * columns)
    let seconds = Measurement.seconds {
      unsafe cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasNoTrans,
        blasint(rows),
        blasint(columns),
        blasint(depth),
        1,
        left,
        blasint(depth),
        right,
        blasint(columns),
        0,
        &product,
        blasint(columns)
      )
    }
    return 2 * Double(rows) * Double(depth) * Double(columns) / seconds / 1e9
  }

  /// Operations of OpenBLAS' dgemm in one thread, in 10⁹ a second.
  static func multiplyingDoubles(rows: Int, depth: Int, columns: Int) -> Double {
    openblas_set_num_threads(1)
    let left = Samples.floats(rows * depth, seed: 1).map(Double.init)
    let right = Samples.floats(depth * columns, seed: 2).map(Double.init)
    var product = [Double](repeating: 0, count: rows * columns)
    let seconds = Measurement.seconds {
      unsafe cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(depth),
        1, left, blasint(depth), right, blasint(columns), 0, &product, blasint(columns))
    }
    return 2 * Double(rows) * Double(depth) * Double(columns) / seconds / 1e9
  }
}
