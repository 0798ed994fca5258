internal import Files

/// The header of a GGUF file to be written, and where each tensor goes.
///
/// Little-endian; version 3 and alignment 32 unless notes are kept.
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

  /// A tensor to be placed.
  public struct Entry: Sendable {
    /// llama.cpp's name of it.
    public let name: TensorName
    /// The type of its elements.
    public let type: GGUFElementType
    /// Its extents, outermost first.
    public let shape: Shape

    /// A tensor to be placed.
    public init(name: TensorName, type: GGUFElementType, shape: Shape) {
      self.name = name
      self.type = type
      self.shape = shape
    }
  }

  /// Lays tensors out in the given order; nil where one has a type that ggml lacks or more than four
  /// dimensions.
  public init?(_ entries: [SafetensorsHeader.Entry], notes: [(key: String, value: Note)]) {
    var bytes: [UInt8] = []
    for (key, value) in notes {
      Self.append(key, to: &bytes)
      switch value {
      case .text(let text):
        Self.append(8, 4, to: &bytes)
        Self.append(text, to: &bytes)
      case .float(let number):
        Self.append(6, 4, to: &bytes)
        Self.append(UInt64(number.bitPattern), 4, to: &bytes)
      }
    }
    var own: [Entry] = []
    for entry in entries {
      guard let type = GGUFElementType(entry.dtype) else { return nil }
      own.append(Entry(name: entry.name, type: type, shape: entry.shape))
    }
    self.init(own, version: 3, noteCount: notes.count, notes: bytes, alignment: 32)
  }

  /// Lays tensors out in the given order behind the notes of a model that was read; nil where one
  /// has more than four dimensions or rows that do not fit its type. Throws where the notes cannot
  /// be read.
  public init?(_ entries: [Entry], keepingNotesOf model: GGUFModel) throws(TensorError) {
    let header = model.header
    let notes: [UInt8]
    do {
      notes = try model.reader.bytes(
        at: header.noteBytes.lowerBound, count: header.noteBytes.count)
    } catch { throw .file(error) }
    self.init(
      entries, version: header.version, noteCount: header.noteCount, notes: notes,
      alignment: header.alignment)
  }

  private init?(
    _ entries: [Entry], version: Int, noteCount: Int, notes: [UInt8], alignment: Int
  ) {
    func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
    var bytes = Array("GGUF".utf8)
    Self.append(UInt64(version), 4, to: &bytes)
    Self.append(UInt64(entries.count), 8, to: &bytes)
    Self.append(UInt64(noteCount), 8, to: &bytes)
    bytes += notes
    var offset = 0
    var offsets: [Int] = []
    for entry in entries {
      guard entry.shape.rank <= 4, let byteCount = entry.type.byteCount(of: entry.shape) else {
        return nil
      }
      Self.append(entry.name.text, to: &bytes)
      Self.append(UInt64(entry.shape.rank), 4, to: &bytes)
      for extent in entry.shape.extents.reversed() { Self.append(UInt64(extent), 8, to: &bytes) }
      Self.append(UInt64(entry.type.rawValue), 4, to: &bytes)
      Self.append(UInt64(offset), 8, to: &bytes)
      offsets.append(offset)
      offset = aligned(offset + byteCount)
    }
    bytes += [UInt8](repeating: 0, count: aligned(bytes.count) - bytes.count)
    self.bytes = bytes
    byteOffsets = offsets.map { bytes.count + $0 }
    fileByteCount = bytes.count + offset
  }

  private static func append(_ number: UInt64, _ byteCount: Int, to bytes: inout [UInt8]) {
    bytes += (0..<byteCount).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    append(UInt64(text.utf8.count), 8, to: &bytes)
    bytes += text.utf8
  }
}

extension GGUFElementType {
  /// The type of elements that stand for themselves; nil where ggml has none.
  public init?(_ dtype: DType) {
    guard let type = Self.allCases.first(where: { $0.dtype == dtype }) else { return nil }
    self = type
  }
}
