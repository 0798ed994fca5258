/// An adapter bound to a base: which update changes which tensor.
public struct AdapterBinding: Sendable {
  /// The bound updates, sorted by target; a tensor occurs twice only where a replacement precedes
  /// a delta.
  public let bindings: [Binding]
  /// The updates that fit nothing in the base, where the caller allowed that.
  public let unmatched: [UnmatchedTarget]
  /// Things a user should know and that stop nothing, as whole sentences.
  public let notes: [String]

  /// Bound updates.
  public init(bindings: [Binding], unmatched: [UnmatchedTarget] = [], notes: [String] = []) {
    self.bindings = bindings
    self.unmatched = unmatched
    self.notes = notes
  }
}
