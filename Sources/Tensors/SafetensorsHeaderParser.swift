internal import Files
internal import JSON

/// Reads the JSON of a safetensors header in one pass, without building its tree: a checkpoint may
/// have hundreds of thousands of tensors.
struct SafetensorsHeaderParser {
  private(set) var tensors: [TensorInfo] = []
  private(set) var metadata: [(key: String, value: String)] = []
  private var names: Set<TensorName> = []
  private var scanner: JSONScanner
  private let path: Path
  private let dataOffset: Int

  init(_ header: [UInt8], path: Path, dataOffset: Int) {
    scanner = JSONScanner(header)
    self.path = path
    self.dataOffset = dataOffset
  }

  mutating func parse() throws(TensorError) {
    do {
      try parseObject()
    } catch let error as JSONError {
      throw .malformed(path, format: .safetensors, rule: Self.rule(error))
    } catch let error as TensorError {
      throw error
    } catch {
      preconditionFailure("parsing throws these two errors only")
    }
  }

  private mutating func parseObject() throws {
    try scanner.expect("{")
    var hasMetadata = false
    if !scanner.skip("}") {
      repeat {
        let key = try scanner.string()
        try scanner.expect(":")
        if key == "__metadata__" {
          guard !hasMetadata else { throw JSONError.duplicateKey(key) }
          hasMetadata = true
          try parseMetadata()
        } else {
          try parseTensor(TensorName(key))
        }
      } while scanner.skip(",")
      try scanner.expect("}")
    }
    try scanner.expectEnd()
  }

  private mutating func parseMetadata() throws {
    // MLX writes null for no notes; the reference implementation takes it, too.
    if scanner.skipLiteral("null") { return }
    try scanner.expect("{")
    if scanner.skip("}") { return }
    var keys: Set<String> = []
    repeat {
      let key = try scanner.string()
      guard keys.insert(key).inserted else { throw JSONError.duplicateKey(key) }
      try scanner.expect(":")
      metadata.append((key, try scanner.string()))
    } while scanner.skip(",")
    try scanner.expect("}")
  }

  private mutating func parseTensor(_ name: TensorName) throws {
    guard names.insert(name).inserted else { throw JSONError.duplicateKey(name.text) }
    var dtypeName: String?
    var extents: [Int]?
    var offsets: [Int]?
    try scanner.expect("{")
    repeat {
      let key = try scanner.string()
      try scanner.expect(":")
      switch key {
      case "dtype" where dtypeName == nil: dtypeName = try scanner.string()
      case "shape" where extents == nil:
        extents = try indices(of: name, limit: StridedLayout.rankLimit)
      case "data_offsets" where offsets == nil: offsets = try indices(of: name, limit: 2)
      case "dtype", "shape", "data_offsets": throw JSONError.duplicateKey(key)
      default: throw broken(name, "has the unknown key \(excerpt(key))")
      }
    } while scanner.skip(",")
    try scanner.expect("}")

    guard let dtypeName, let extents, let offsets else {
      throw broken(name, "lacks one of dtype, shape and data_offsets")
    }
    guard let dtype = DType(rawValue: dtypeName) else {
      throw broken(name, "has the unknown dtype \(excerpt(dtypeName))")
    }
    guard let shape = Shape(extents), let byteCount = shape.byteCount(of: dtype) else {
      throw broken(name, "has a shape whose size cannot be counted in bytes")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw broken(name, "has data_offsets that are not a pair in ascending order")
    }
    guard offsets[1] - offsets[0] == byteCount else {
      throw broken(
        name,
        "spans \(offsets[1] - offsets[0]) bytes, but \(dtypeName) \(shape) needs \(byteCount)"
      )
    }
    // Checked at the tensor's end, so that adding up the tensors cannot overflow either.
    guard !offsets[1].addingReportingOverflow(dataOffset).overflow else {
      throw broken(name, "lies beyond any file")
    }
    tensors.append(
      TensorInfo(
        name: name,
        dtype: dtype,
        shape: shape,
        byteOffset: offsets[0] + dataOffset,
        byteCount: byteCount
      )
    )
  }

  /// An array of at most `limit` integers, so that no list outgrows the header it stands in.
  private mutating func indices(of name: TensorName, limit: Int) throws -> [Int] {
    try scanner.expect("[")
    if scanner.skip("]") { return [] }
    var indices: [Int] = []
    repeat {
      guard indices.count < limit else { throw broken(name, "has a list of over \(limit) numbers") }
      indices.append(try scanner.index())
    } while scanner.skip(",")
    try scanner.expect("]")
    return indices
  }

  private func broken(_ name: TensorName, _ rule: String) -> TensorError {
    .malformedTensor(path, name, rule: rule)
  }

  private static func rule(_ error: JSONError) -> String {
    switch error {
    case .malformed(let offset, let expected):
      return "has a header that is not JSON: \(expected) expected at byte \(offset)"
    case .duplicateKey(let key): return "has a header with the key \(excerpt(key)) twice"
    case .tooDeep(let limit): return "has a header nested deeper than \(limit)"
    }
  }
}
