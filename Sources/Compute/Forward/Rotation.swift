/// The rotation of query and key vectors by their position (RoPE, arXiv 2104.09864), on halves:
/// y = x · cos + [−x₂, x₁] · sin.
public enum Rotation {
  /// Rotates the first `2·half` values of every head of every row, in place.
  ///
  /// `values` is `[rows, heads, size]`; `cosines` and `sines` are `[positions, half]`, and row `r`
  /// stands at position `positions[r]`.
  public static func apply(
    to values: inout [Float], heads: Int, size: Int, positions: [Int], cosines: [Float],
    sines: [Float], half: Int
  ) {
    precondition(2 * half <= size && positions.count * heads * size <= values.count)
    precondition(cosines.count == sines.count)
    unsafe values.withUnsafeMutableBufferPointer { values in
      for (row, position) in positions.enumerated() {
        precondition(position >= 0 && (position + 1) * half <= cosines.count)
        for head in 0..<heads {
          let start = (row * heads + head) * size
          for index in 0..<half {
            let (cosine, sine) = (cosines[position * half + index], sines[position * half + index])
            let (a, b) = unsafe (values[start + index], values[start + half + index])
            unsafe values[start + index] = a * cosine - b * sine
            unsafe values[start + half + index] = b * cosine + a * sine
          }
        }
      }
    }
  }
}
