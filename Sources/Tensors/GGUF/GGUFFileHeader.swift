/// The header of a GGUF file to be written, and where each tensor goes.
///
/// Version 3, little-endian, alignment 32.
public struct GGUFFileHeader: Sendable {
  /// The file's first bytes, up to the data.
  public let bytes: [UInt8]
  /// The offsets of the tensors' bytes, counted from the start of the file.
  public let byteOffsets: [Int]
  /// The size of the whole file.
  public let fileByteCount: Int

  /// A note's value.
  public enum Note: Sendable {
    /// A text.
    case text(String)
    /// A number of 32 bits.
    case float(Float)
  }

  private static let alignment = 32

  /// Lays tensors out in the given order; nil where one has a type that ggml lacks or more than four
  /// dimensions.
  public init?(_ entries: [SafetensorsHeader.Entry], notes: [(key: String, value: Note)]) {
    var bytes = Array("GGUF".utf8)
    func append(_ number: UInt64, _ byteCount: Int) {
      bytes += (0..<byteCount).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    func append(_ text: String) {
      append(UInt64(text.utf8.count), 8)
      bytes += text.utf8
    }
    append(3, 4)
    append(UInt64(entries.count), 8)
    append(UInt64(notes.count), 8)
    for (key, value) in notes {
      append(key)
      switch value {
      case .text(let text):
        append(8, 4)
        append(text)
      case .float(let number):
        append(6, 4)
        append(UInt64(number.bitPattern), 4)
      }
    }
    var offset = 0
    var offsets: [Int] = []
    for entry in entries {
      guard entry.shape.rank <= 4, let byteCount = entry.shape.byteCount(of: entry.dtype),
        let type = GGUFElementType.allCases.first(where: { $0.dtype == entry.dtype })
      else { return nil }
      append(entry.name.text)
      append(UInt64(entry.shape.rank), 4)
      for extent in entry.shape.extents.reversed() { append(UInt64(extent), 8) }
      append(UInt64(type.rawValue), 4)
      append(UInt64(offset), 8)
      offsets.append(offset)
      offset = Self.aligned(offset + byteCount)
    }
    bytes += [UInt8](repeating: 0, count: Self.aligned(bytes.count) - bytes.count)
    self.bytes = bytes
    byteOffsets = offsets.map { bytes.count + $0 }
    fileByteCount = bytes.count + offset
  }

  private static func aligned(_ count: Int) -> Int {
    (count + alignment - 1) / alignment * alignment
  }
}
