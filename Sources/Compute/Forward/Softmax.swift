/// The softmax of rows of attention scores, each over a range of its columns.
public enum Softmax {
  /// Replaces row `r` of `values` `[ranges.count, columns]` by its softmax over `ranges[r]`, and by
  /// 0 outside it. A range has at least one column.
  public static func apply(toRowsOf values: inout [Float], columns: Int, over ranges: [Range<Int>])
  {
    precondition(ranges.count * columns <= values.count)
    unsafe values.withUnsafeMutableBufferPointer { values in
      for (row, range) in ranges.enumerated() {
        precondition(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= columns)
        let start = row * columns
        var largest = -Float.infinity
        for column in range { largest = max(largest, unsafe values[start + column]) }
        for column in 0..<range.lowerBound { unsafe values[start + column] = 0 }
        for column in range.upperBound..<columns { unsafe values[start + column] = 0 }
        for column in range {
          unsafe values[start + column] = exponential(values[start + column] - largest)
        }
        var sum: Float = 0
        for column in range { sum += unsafe values[start + column] }
        let scale = 1 / sum
        for column in range { unsafe values[start + column] *= scale }
      }
    }
  }
}
