/// What a row of logits says of one token, summed up a panel of the vocabulary at a time.
///
/// ln p(token) = logit − (m + ln Σ exp(logit − m)) with m the largest logit so far; the sum is in
/// Double.
public struct LogLikelihood: Hashable, Sendable {
  private var largest = -Float.infinity
  private var sum = 0.0
  private var logit = Float.nan
  /// The token with the largest logit, the first of several.
  public private(set) var best = 0
  /// Whether every logit was a finite number.
  public private(set) var isFinite = true
  private let token: Int

  /// For the token of this number.
  public init(of token: Int) { self.token = token }

  /// The natural logarithm of the token's probability, once all panels were added.
  public func value(log: (Double) -> Double) -> Double {
    Double(logit) - Double(largest) - log(sum)
  }

  /// Adds the logits of the tokens `range`, which stand in `values` from `offset` on.
  public mutating func add(_ values: [Float], at offset: Int, tokens range: Range<Int>) {
    precondition(offset + range.count <= values.count)
    if range.contains(token) { logit = values[offset + token - range.lowerBound] }
    unsafe values.withUnsafeBufferPointer { values in
      var peak = -Float.infinity
      var total: Float = 0
      for index in 0..<range.count {
        let value = unsafe values[offset + index]
        peak = max(peak, value)
        // 0 for numbers, NaN for an infinity or a NaN.
        total += value - value
      }
      if total != 0 { isFinite = false }
      if peak > largest {
        sum *= Double(exponential(largest - peak))
        largest = peak
        for index in 0..<range.count where unsafe values[offset + index] == peak {
          best = range.lowerBound + index
          break
        }
      }
      var part = 0.0
      let shift = largest
      for index in 0..<range.count {
        part += Double(exponential(unsafe values[offset + index] - shift))
      }
      sum += part
    }
  }
}
