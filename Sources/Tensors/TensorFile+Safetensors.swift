internal import Files
internal import JSON

extension TensorFile {
  /// The largest header that is read, in bytes; the reference implementation has the same bound.
  static let headerByteLimit = 100_000_000

  /// Reads and checks a safetensors header.
  ///
  /// The rules (FORMATS §1.1 of the specification at https://github.com/huggingface/safetensors):
  /// a length below the bound, an object, no key twice, every tensor exactly as large as its shape
  /// and dtype demand, the tensors tile the data without hole or overlap up to the file's end.
  static func safetensors(_ reader: FileReader) throws(TensorError) -> TensorFile {
    func broken(_ rule: String) -> TensorError {
      .malformed(reader.path, format: .safetensors, rule: rule)
    }
    guard reader.byteCount >= 10 else {
      throw broken("is \(reader.byteCount) bytes long, too short for a header")
    }
    let prefix: [UInt8]
    do { prefix = try reader.bytes(at: 0, count: 8) } catch { throw .file(error) }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(headerByteLimit) else {
      throw broken("announces a header of \(length) bytes, over the limit of \(headerByteLimit)")
    }
    let headerByteCount = Int(length) + 8
    guard headerByteCount <= reader.byteCount else {
      throw broken("announces a header of \(length) bytes, but holds \(reader.byteCount) in all")
    }
    let header: [UInt8]
    do { header = try reader.bytes(at: 8, count: Int(length)) } catch { throw .file(error) }
    guard header.first == UInt8(ascii: "{") else {
      throw broken("has a header that does not start with '{'")
    }
    var parser = SafetensorsHeaderParser(header, path: reader.path, dataOffset: headerByteCount)
    try parser.parse()
    return TensorFile(
      reader: reader,
      format: .safetensors,
      tensors: try tiling(
        parser.tensors,
        path: reader.path,
        from: headerByteCount,
        to: reader.byteCount
      ),
      metadata: parser.metadata,
      headerByteCount: headerByteCount
    )
  }

  /// The tensors in the order of their bytes, after checking that these leave no hole and do not
  /// overlap.
  static func tiling(
    _ tensors: [TensorInfo],
    path: Path,
    from start: Int,
    to end: Int
  ) throws(TensorError) -> [TensorInfo] {
    // A tensor without elements lies between its neighbours: it sorts before the one that starts
    // where it does.
    let sorted = tensors.sorted {
      ($0.byteOffset, $0.byteCount, $0.name) < ($1.byteOffset, $1.byteCount, $1.name)
    }
    var expected = start
    for tensor in sorted {
      guard tensor.byteOffset == expected else {
        throw .malformedTensor(
          path,
          tensor.name,
          rule: "starts at data offset \(tensor.byteOffset - start) where \(expected - start) was "
            + "expected (\(tensor.byteOffset < expected ? "overlap" : "hole"))"
        )
      }
      expected += tensor.byteCount
    }
    guard expected == end else {
      throw .malformed(
        path,
        format: .safetensors,
        rule: expected < end
          ? "has \(end - expected) bytes behind its last tensor"
          : "ends \(expected - end) bytes before its last tensor does"
      )
    }
    return sorted
  }
}
