/// A chunk as it is stored.
public struct EncodedChunk: Hashable, Sendable {
  /// How its bytes are found from the body; see FORMAT.md, section 3.
  public enum Encoding: UInt8, Hashable, Sendable, CaseIterable {
    /// The bytes themselves.
    case raw = 0
    /// A zstd frame.
    case zstd = 1
    /// The byte planes of numbers.
    case planes = 2
    /// The byte planes of what numbers differ by from those of a parent.
    case difference = 3
    /// The same, sorted by the parent's exponent.
    case bucketedDifference = 4

    /// Whether a parent is needed to decode it.
    public var needsParent: Bool { self == .difference || self == .bucketedDifference }
  }

  /// How its bytes are found from the body.
  public let encoding: Encoding
  /// How its bytes are numbers.
  public let layout: ElementLayout
  /// The bytes that are stored.
  public let body: [UInt8]
}
