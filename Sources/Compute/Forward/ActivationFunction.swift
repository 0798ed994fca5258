internal import Glibc

/// The functions between the two halves of a feed-forward block.
public enum ActivationFunction: String, Hashable, Sendable {
  /// x · σ(x)
  case silu
  /// x · Φ(x), by the error function.
  case gelu
  /// x · ½ · (1 + tanh(√(2/π) · (x + 0.044715·x³)))
  case geluTanh = "gelu_tanh"
  /// max(x, 0)
  case relu

  /// Replaces each of the first `count` values by the function's.
  public func apply(to values: inout [Float], count: Int) {
    precondition(count <= values.count)
    unsafe values.withUnsafeMutableBufferPointer { values in
      switch self {
      case .silu:
        for index in 0..<count {
          let x = unsafe values[index]
          unsafe values[index] = x / (1 + exponential(-x))
        }
      case .gelu:
        for index in 0..<count {
          let x = unsafe values[index]
          unsafe values[index] = 0.5 * x * (1 + erff(x * 0.707_106_77))
        }
      case .geluTanh:
        for index in 0..<count {
          let x = unsafe values[index]
          let inner = 0.797_884_56 * (x + 0.044_715 * x * x * x)
          // ½·(1 + tanh u) = 1 / (1 + e^(−2u))
          unsafe values[index] = x / (1 + exponential(-2 * inner))
        }
      case .relu:
        for index in 0..<count {
          let x = unsafe values[index]
          unsafe values[index] = x > 0 || x != x ? x : 0
        }
      }
    }
  }
}

/// Sums and products of whole arrays, entry by entry.
public enum Elementwise {
  /// target[i] += values[i] for the first `count` entries.
  public static func add(_ values: [Float], to target: inout [Float], count: Int) {
    precondition(count <= values.count && count <= target.count)
    unsafe values.withUnsafeBufferPointer { values in
      unsafe target.withUnsafeMutableBufferPointer { target in
        for index in 0..<count { unsafe target[index] += values[index] }
      }
    }
  }

  /// target[i] *= values[i] for the first `count` entries.
  public static func multiply(_ target: inout [Float], by values: [Float], count: Int) {
    precondition(count <= values.count && count <= target.count)
    unsafe values.withUnsafeBufferPointer { values in
      unsafe target.withUnsafeMutableBufferPointer { target in
        for index in 0..<count { unsafe target[index] *= values[index] }
      }
    }
  }

  /// Adds `row` `[columns]` to each of the first `rows` rows of `target` `[rows, columns]`.
  public static func add(row: [Float], toRowsOf target: inout [Float], rows: Int) {
    let columns = row.count
    precondition(rows * columns <= target.count)
    unsafe row.withUnsafeBufferPointer { row in
      unsafe target.withUnsafeMutableBufferPointer { target in
        for start in stride(from: 0, to: rows * columns, by: max(columns, 1)) {
          for index in 0..<columns { unsafe target[start + index] += row[index] }
        }
      }
    }
  }
}
