/// The normalisations of a row of hidden values, each in Float as PyTorch computes them.
public enum Normalisation {
  /// target = x · (mean(x²) + ε)^−½ · weight, for `rows` rows of `weight.count` values.
  public static func rootMeanSquare(
    _ x: [Float], rows: Int, weight: [Float], epsilon: Float, into target: inout [Float]
  ) {
    let columns = weight.count
    precondition(rows * columns <= x.count && rows * columns <= target.count)
    unsafe x.withUnsafeBufferPointer { x in
      unsafe target.withUnsafeMutableBufferPointer { target in
        unsafe weight.withUnsafeBufferPointer { weight in
          for row in 0..<rows {
            let start = row * columns
            var sum = 0.0
            for index in 0..<columns {
              let value = Double(unsafe x[start + index])
              sum += value * value
            }
            let scale = Float(1 / (sum / Double(columns) + Double(epsilon)).squareRoot())
            for index in 0..<columns {
              unsafe target[start + index] = x[start + index] * scale * weight[index]
            }
          }
        }
      }
    }
  }

  /// target = (x − μ) / √(σ² + ε) · weight + bias, with the population's variance.
  public static func layer(
    _ x: [Float], rows: Int, weight: [Float], bias: [Float], epsilon: Float,
    into target: inout [Float]
  ) {
    let columns = weight.count
    precondition(bias.count == columns)
    precondition(rows * columns <= x.count && rows * columns <= target.count)
    unsafe x.withUnsafeBufferPointer { x in
      unsafe target.withUnsafeMutableBufferPointer { target in
        for row in 0..<rows {
          let start = row * columns
          var sum = 0.0
          for index in 0..<columns { sum += Double(unsafe x[start + index]) }
          let mean = sum / Double(columns)
          var squares = 0.0
          for index in 0..<columns {
            let distance = Double(unsafe x[start + index]) - mean
            squares += distance * distance
          }
          let scale = 1 / (squares / Double(columns) + Double(epsilon)).squareRoot()
          for index in 0..<columns {
            let normal = Float((Double(unsafe x[start + index]) - mean) * scale)
            unsafe target[start + index] = normal * weight[index] + bias[index]
          }
        }
      }
    }
  }
}
