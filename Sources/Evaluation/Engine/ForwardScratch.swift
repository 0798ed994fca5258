/// One worker's buffers, made once and used for every group of sequences.
public struct ForwardScratch: Sendable {
  /// Buffers of one product.
  struct Widening: Sendable {
    /// A panel of a weight in Float.
    var panel: [Float] = []
    /// The values between the two factors of an update.
    var narrow: [Float] = []
  }

  var widening = Widening()
  /// The hidden values, `[n, hidden]`.
  var hidden: [Float] = []
  /// The same normalised.
  var normal: [Float] = []
  var queries: [Float] = []
  var keys: [Float] = []
  var values: [Float] = []
  /// What attention gives, `[n, heads, size]`.
  var attended: [Float] = []
  /// A block of attention scores.
  var scores: [Float] = []
  /// What a block adds to the hidden values.
  var change: [Float] = []
  var gate: [Float] = []
  var inner: [Float] = []
  /// A panel of logits.
  var logits: [Float] = []

  /// Empty buffers.
  public init() {}
}
