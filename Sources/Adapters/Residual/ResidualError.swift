/// What is wrong with stored corrections.
public enum ResidualError: Error, Hashable, Sendable {
  /// The bytes end before the corrections do.
  case truncated
  /// The bytes break a rule of the format; `rule` completes "the corrections …".
  case malformed(rule: String)
  /// The corrections belong to a tensor of another size or element width.
  case otherTensor(elementCount: UInt64, bytesPerElement: UInt8)
}
