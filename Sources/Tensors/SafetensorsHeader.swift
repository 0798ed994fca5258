public import Files
internal import JSON

/// The header of a safetensors file to be written, and where each tensor goes.
public struct SafetensorsHeader: Sendable, Hashable {
  /// The file's first bytes: the length, the JSON, the padding.
  public let bytes: [UInt8]
  /// The tensors, in file order, with their absolute offsets.
  public let tensors: [TensorInfo]
  /// The size of the whole file.
  public let fileByteCount: Int

  /// A tensor to be placed.
  public struct Entry: Sendable, Hashable {
    /// Its name.
    public let name: TensorName
    /// The type of its elements.
    public let dtype: DType
    /// Its extents.
    public let shape: Shape

    /// A tensor to be placed.
    public init(name: TensorName, dtype: DType, shape: Shape) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
    }
  }

  /// Lays tensors out in the given order, without holes; the JSON is padded with spaces so that the
  /// data starts at a multiple of 8 bytes, as the reference implementation does.
  public init(_ entries: [Entry], metadata: [(key: String, value: String)]) {
    var members: [JSONValue.Member] = []
    if !metadata.isEmpty {
      members.append(
        .init("__metadata__", .object(metadata.map { .init($0.key, .string($0.value)) })))
    }
    var offset = 0
    var placed: [(Entry, Int, Int)] = []
    for entry in entries {
      guard let byteCount = entry.shape.byteCount(of: entry.dtype) else {
        preconditionFailure("the size of \(entry.name) was counted when it was planned")
      }
      members.append(
        .init(
          entry.name.text,
          [
            "dtype": .string(entry.dtype.rawValue),
            "shape": .array(entry.shape.extents.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(offset + byteCount)],
          ]))
      placed.append((entry, offset, byteCount))
      offset += byteCount
    }
    var json = Array(JSONValue.object(members).text().utf8)
    json.append(contentsOf: repeatElement(0x20, count: (8 - json.count % 8) % 8))
    bytes = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
    let start = bytes.count
    tensors = placed.map { entry, offset, byteCount in
      TensorInfo(
        name: entry.name, dtype: entry.dtype, shape: entry.shape, byteOffset: start + offset,
        byteCount: byteCount)
    }
    fileByteCount = start + offset
  }

  /// The header of a file that was read, byte for byte.
  public init(keeping bytes: [UInt8], of file: TensorFile) {
    self.bytes = bytes
    tensors = file.tensors
    fileByteCount = file.reader.byteCount
  }
}

extension SafetensorsHeader {
  /// The header that a JSON text is, checked as a file's would be; `path` names it in errors.
  public init(json: [UInt8], path: Path) throws(TensorError) {
    bytes = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
    var parser = SafetensorsHeaderParser(json, path: path, dataOffset: bytes.count)
    try parser.parse()
    let end = parser.tensors.map { $0.byteOffset + $0.byteCount }.max() ?? bytes.count
    tensors = try TensorFile.tiling(parser.tensors, path: path, from: bytes.count, to: end)
    fileByteCount = end
  }
}
