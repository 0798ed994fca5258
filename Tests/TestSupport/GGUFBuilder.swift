/// Writes GGUF files whose header may say anything.
public struct GGUFBuilder: Sendable {
  /// An empty one.
  public init() {}

  /// The first four bytes.
  public var magic = "GGUF"
  /// The version of the format.
  public var version: UInt32 = 3
  /// The notes, with the bytes of their values.
  public var notes: [(key: String, type: UInt32, value: [UInt8])] = []
  /// The tensors: extents innermost first, offsets in the data.
  public var tensors: [(name: String, extents: [UInt64], type: UInt32, offset: UInt64)] = []
  /// The claimed number of tensors; the right one where there is none.
  public var tensorCount: UInt64?
  /// The claimed number of notes; the right one where there is none.
  public var noteCount: UInt64?
  /// What the data start at a multiple of.
  public var alignment = 32
  /// How many zeros there are for data.
  public var dataByteCount = 0

  /// Four bytes, little-endian.
  public static func le(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// Eight bytes, little-endian.
  public static func le(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  /// A text behind its length.
  public static func text(_ text: String) -> [UInt8] { le(UInt64(text.utf8.count)) + text.utf8 }

  /// An array note's value.
  public static func array(_ type: UInt32, _ items: [[UInt8]]) -> [UInt8] {
    le(type) + le(UInt64(items.count)) + items.flatMap { $0 }
  }

  /// The header, without the padding in front of the data.
  public var header: [UInt8] {
    var bytes = Array(magic.utf8) + Self.le(version)
    bytes += Self.le(tensorCount ?? UInt64(tensors.count))
    bytes += Self.le(noteCount ?? UInt64(notes.count))
    for note in notes { bytes += Self.text(note.key) + Self.le(note.type) + note.value }
    for tensor in tensors {
      bytes += Self.text(tensor.name) + Self.le(UInt32(tensor.extents.count))
      bytes += tensor.extents.flatMap(Self.le) + Self.le(tensor.type) + Self.le(tensor.offset)
    }
    return bytes
  }

  /// The whole file.
  public var file: [UInt8] {
    let padding = (alignment - header.count % alignment) % alignment
    return header + [UInt8](repeating: 0, count: padding + dataByteCount)
  }
}
