/// The name of a tensor in a checkpoint or an adapter file, dots and all.
public struct TensorName: Hashable, Comparable, Sendable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  /// The name as the file has it.
  public let text: String

  /// Takes a name as a file has it.
  public init(_ text: String) { self.text = text }

  /// A name known to the program.
  public init(stringLiteral text: String) { self.text = text }

  /// The name as the file has it.
  public var description: String { text }

  /// Orders names by their UTF-8 bytes, the same on every machine.
  public static func < (left: TensorName, right: TensorName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Names are equal when their bytes are; Unicode's equivalent spellings are different names.
  public static func == (left: TensorName, right: TensorName) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
