public import Files

/// What the header of a GGUF file says: its tensors, and where their bytes are.
///
/// Versions 2 and 3, little-endian. Everything is checked when it is read: afterwards every tensor is
/// known to lie inside the file, aligned, over bytes of its own.
public struct GGUFHeader: Hashable, Sendable {
  /// The version of the format.
  public let version: Int
  /// The tensors, in the order of the header.
  public let tensors: [Tensor]
  /// Where the tensors' bytes start, counted from the start of the file.
  public let dataByteOffset: Int
  /// What the offset of each tensor in the data is a multiple of.
  public let alignment: Int

  /// How many notes there are, of any kind.
  public let noteCount: Int
  /// Which of the file's bytes the notes fill.
  public let noteBytes: Range<Int>

  /// The notes that are one number, one truth value or one text, in the order of the header; lists
  /// and texts of more than 64 KiB are left out.
  public let notes: [Note]

  /// A note of a GGUF file.
  public struct Note: Hashable, Sendable {
    /// Its key, such as `general.architecture`.
    public let key: String
    /// Its value as text; numbers as Swift writes them.
    public let value: String
  }

  /// A tensor of a GGUF file.
  public struct Tensor: Hashable, Sendable {
    /// Its name.
    public let name: TensorName
    /// The type of its elements.
    public let type: GGUFElementType
    /// Its extents, outermost first: the reverse of how the file has them.
    public let shape: Shape
    /// Its first byte, counted from the start of the file.
    public let byteOffset: Int
    /// The number of bytes it fills.
    public let byteCount: Int

    /// The type where each element stands for itself; nil where the elements are quantised.
    public var dtype: DType? { type.dtype }
  }

  /// Reads and checks the header of a file.
  public init(reading reader: FileReader) throws(TensorError) {
    var parser = GGUFHeaderParser(reader)
    self = try parser.parse()
  }

  init(
    version: Int, tensors: [Tensor], dataByteOffset: Int, alignment: Int, notes: [Note] = [],
    noteCount: Int = 0, noteBytes: Range<Int> = 0..<0
  ) {
    self.version = version
    self.notes = notes
    self.noteCount = noteCount
    self.noteBytes = noteBytes
    self.tensors = tensors
    self.dataByteOffset = dataByteOffset
    self.alignment = alignment
  }

  /// The value of a note; nil where there is none.
  public func note(_ key: String) -> String? { notes.first { $0.key == key }?.value }
}
