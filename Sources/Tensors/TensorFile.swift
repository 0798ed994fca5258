public import Files

/// An open file of named tensors, whatever its container.
///
/// Opening reads the header alone and checks it whole; afterwards every tensor is known to lie
/// inside the file, and its bytes are read on request.
public struct TensorFile: Sendable {
  /// The open file.
  public let reader: FileReader
  /// The container.
  public let format: TensorFormat
  /// The tensors, in the order of their bytes in the file.
  public let tensors: [TensorInfo]
  /// The container's own string-to-string notes (`__metadata__` of safetensors), in file order.
  public let metadata: [(key: String, value: String)]
  /// Where the first tensor's bytes may start: the length of the header with its prefix.
  public let headerByteCount: Int
  /// The GGUF model that the tensors are a view of; nil for other files.
  public let model: GGUFModel?

  init(
    reader: FileReader,
    format: TensorFormat,
    tensors: [TensorInfo],
    metadata: [(key: String, value: String)] = [],
    headerByteCount: Int = 0,
    model: GGUFModel? = nil
  ) {
    self.reader = reader
    self.format = format
    self.tensors = tensors
    self.metadata = metadata
    self.headerByteCount = headerByteCount
    self.model = model
  }

  /// A file whose bytes are computed; `tensors` lie in them in order.
  public init(computed reader: FileReader, tensors: [TensorInfo]) {
    self.init(reader: reader, format: .dequantised, tensors: tensors)
  }

  /// Opens a tensor file, recognising its container by its first bytes.
  ///
  /// Throws `TensorError.notATensorFile` for anything else, Git LFS pointers by name.
  public init(opening path: Path) throws(TensorError) {
    let reader: FileReader
    do { reader = try FileReader(path) } catch { throw .file(error) }
    let head: [UInt8]
    do {
      head = try reader.bytes(at: 0, count: min(reader.byteCount, 512))
    } catch { throw .file(error) }
    switch Self.recognise(head, byteCount: reader.byteCount) {
    case .container(.safetensors): self = try Self.safetensors(reader)
    case .container(.pytorchZip): self = try Self.pytorchZip(reader)
    case .container(.pytorchLegacy): self = try Self.pytorchLegacy(reader)
    case .container(.gguf), .container(.dequantised):
      throw .notATensorFile(path, what: "a GGUF file")
    case .other(let what): throw .notATensorFile(path, what: what)
    }
  }

  private enum Recognition {
    case container(TensorFormat)
    case other(String)
  }

  private static func recognise(_ head: [UInt8], byteCount: Int) -> Recognition {
    func starts(_ text: String) -> Bool { head.starts(with: text.utf8) }
    // First of all, because the length in front of a header may begin with any bytes: those of 640
    // are a pickle's.
    let length = head.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if head.count > 8, head[8] == UInt8(ascii: "{"), length <= UInt64(byteCount - 8) {
      return .container(.safetensors)
    }
    if head.isEmpty { return .other("an empty file") }
    if starts("version https://git-lfs") { return .other("a Git LFS pointer, not the weights") }
    if starts("PK\u{3}\u{4}") || starts("PK\u{5}\u{6}") { return .container(.pytorchZip) }
    if starts("GGUF") { return .container(.gguf) }
    if starts("<!DOCTYPE") || starts("<html") { return .other("an HTML page") }
    // A pickle: protocol 2 or later, or the legacy container's magic number.
    if head.count >= 2, head[0] == 0x80, 2...5 ~= head[1] { return .container(.pytorchLegacy) }
    return .container(.safetensors)
  }
}
