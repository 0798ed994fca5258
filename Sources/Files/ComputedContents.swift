/// The bytes of a file that stands nowhere, computed on request: quantised weights, read as what they
/// stand for.
public protocol ComputedContents: Sendable {
  /// How many bytes there are.
  var byteCount: Int { get }

  /// The bytes of a range that lies inside: the same each time, for any division into ranges and on
  /// every thread.
  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8]
}
