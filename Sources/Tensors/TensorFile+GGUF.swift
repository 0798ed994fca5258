public import Files

extension TensorFile {
  /// Opens a GGUF file of an adapter, whose tensors are all unquantised, under its own names; its
  /// scalar notes become the metadata. Of a model, which `Checkpoint` opens, the quantised tensors
  /// are left out.
  ///
  /// `init(opening:)` refuses GGUF files, because they have names and orders of rows of their own:
  /// only a caller that knows them opens them here.
  public init(openingGGUF path: Path) throws(TensorError) {
    let reader: FileReader
    do { reader = try FileReader(path) } catch { throw .file(error) }
    let header = try GGUFHeader(reading: reader)
    let isModel = header.note("general.type") ?? "model" == "model"
    var tensors: [TensorInfo] = []
    for tensor in header.tensors {
      guard let dtype = tensor.dtype else {
        if isModel { continue }
        throw .malformedTensor(
          path, tensor.name,
          rule: "is quantised as \(tensor.type.name), where F32, F16 and BF16 are read")
      }
      tensors.append(
        TensorInfo(
          name: tensor.name, dtype: dtype, shape: tensor.shape, byteOffset: tensor.byteOffset,
          byteCount: tensor.byteCount))
    }
    tensors.sort { ($0.byteOffset, $0.byteCount, $0.name) < ($1.byteOffset, $1.byteCount, $1.name) }
    self.init(
      reader: reader, format: .gguf, tensors: tensors,
      metadata: header.notes.map { ($0.key, $0.value) }, headerByteCount: header.dataByteOffset)
  }

  /// Whether a file begins as a GGUF file does; false where it cannot be read.
  public static func isGGUF(_ path: Path) -> Bool {
    guard let reader = try? FileReader(path), reader.byteCount >= 4 else { return false }
    return (try? reader.bytes(at: 0, count: 4)) == Array("GGUF".utf8)
  }
}
