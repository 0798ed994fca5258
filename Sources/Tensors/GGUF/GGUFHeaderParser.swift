internal import Files

/// Reads a GGUF header (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
///
///     "GGUF", u32 version, u64 number of tensors, u64 number of notes
///     each note: text key, u32 type, value
///     each tensor: text name, u32 number of dimensions, u64 extents (innermost first),
///                  u32 type, u64 offset in the data
///     zeros up to the alignment, then the data
///
/// A text is its u64 length and its bytes.
struct GGUFHeaderParser {
  private static let keyByteLimit = 65_535
  private static let nameByteLimit = 1_024
  private static let dimensionLimit = 4
  private static let nestingLimit = 4
  private static let alignmentLimit = 1 << 20
  /// The fewest bytes of a note and of a tensor: none of an announced number fit in less.
  private static let noteByteCount = 13
  private static let tensorByteCount = 24

  private let path: Path
  private let fileByteCount: Int
  private var bytes: GGUFBytes
  private var alignment = 32
  private var notes: [GGUFHeader.Note] = []

  init(_ reader: FileReader) {
    path = reader.path
    fileByteCount = reader.byteCount
    bytes = GGUFBytes(reader)
  }

  mutating func parse() throws(TensorError) -> GGUFHeader {
    guard bytes.remaining >= 4, try bytes.bytes(4).elementsEqual("GGUF".utf8) else {
      throw .notATensorFile(path, what: "not a GGUF file")
    }
    let version = try bytes.number32()
    guard version == 2 || version == 3 else {
      let isSwapped = version.byteSwapped == 2 || version.byteSwapped == 3
      throw bytes.broken(
        isSwapped ? "is big-endian" : "has version \(version), where 2 and 3 are read")
    }
    let tensorCount = try bytes.count()
    let noteCount = try bytes.count()
    guard noteCount <= bytes.remaining / Self.noteByteCount,
      tensorCount <= bytes.remaining / Self.tensorByteCount
    else { throw bytes.broken("announces more tensors or notes than it has room for") }
    let notesStart = bytes.offset
    try parseNotes(noteCount)
    let notesEnd = bytes.offset
    let placed = try parseTensors(tensorCount)
    let start = (bytes.offset + alignment - 1) / alignment * alignment
    return GGUFHeader(
      version: Int(version), tensors: try located(placed, from: start), dataByteOffset: start,
      alignment: alignment, notes: notes, noteCount: noteCount,
      noteBytes: notesStart..<notesEnd)
  }

  private mutating func parseNotes(_ count: Int) throws(TensorError) {
    var keys: Set<String> = []
    for _ in 0..<count {
      let key = try bytes.text(limit: Self.keyByteLimit)
      guard keys.insert(key).inserted else {
        throw bytes.broken("has the note \(excerpt(key)) twice")
      }
      let type = try bytes.number32()
      guard key == "general.alignment" else {
        if let value = try scalar(type) {
          notes.append(.init(key: key, value: value))
        } else {
          try skip(type, depth: 0)
        }
        continue
      }
      guard type == 4 else { throw bytes.broken("has an alignment that is not a 32-bit number") }
      let stated = Int(try bytes.number32())
      guard 1...Self.alignmentLimit ~= stated, stated & (stated - 1) == 0 else {
        throw bytes.broken("has the alignment \(stated), which is no power of two in bounds")
      }
      alignment = stated
    }
  }

  /// The value of a note that is one number, truth value or short text; nil, without moving, for
  /// others.
  private mutating func scalar(_ type: UInt32) throws(TensorError) -> String? {
    if type == 8 {
      var ahead = bytes
      guard try ahead.count() <= Self.keyByteLimit else { return nil }
      return try bytes.text(limit: Self.keyByteLimit)
    }
    guard let width = Self.width(type) else { return nil }
    let bits = try bytes.bytes(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch type {
    case 0, 2, 4, 10: return String(bits)
    case 1: return String(Int8(truncatingIfNeeded: bits))
    case 3: return String(Int16(truncatingIfNeeded: bits))
    case 5: return String(Int32(truncatingIfNeeded: bits))
    case 6: return String(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case 7: return String(bits != 0)
    case 11: return String(Int64(bitPattern: bits))
    default: return String(Double(bitPattern: bits))
    }
  }

  /// Moves behind a note's value of this type.
  private mutating func skip(_ type: UInt32, depth: Int) throws(TensorError) {
    switch type {
    case 8: try bytes.skip(try bytes.count(), width: 1)
    case 9:
      let itemType = try bytes.number32()
      let count = try bytes.count()
      if let width = Self.width(itemType) {
        try bytes.skip(count, width: width)
        return
      }
      guard depth < Self.nestingLimit, count <= bytes.remaining / 8 else {
        throw bytes.broken("has a note that is nested too deep or cut off")
      }
      for _ in 0..<count { try skip(itemType, depth: depth + 1) }
    default:
      guard let width = Self.width(type) else {
        throw bytes.broken("has a note of the unknown type \(type)")
      }
      try bytes.skip(1, width: width)
    }
  }

  /// The bytes of a note's value, where its type alone says how many.
  private static func width(_ type: UInt32) -> Int? {
    switch type {
    case 0, 1, 7: return 1
    case 2, 3: return 2
    case 4, 5, 6: return 4
    case 10, 11, 12: return 8
    default: return nil
    }
  }

  /// The tensors, with offsets that still count from the start of the data.
  private mutating func parseTensors(_ count: Int) throws(TensorError) -> [GGUFHeader.Tensor] {
    var names: Set<TensorName> = []
    var tensors: [GGUFHeader.Tensor] = []
    for _ in 0..<count {
      let name = TensorName(try bytes.text(limit: Self.nameByteLimit))
      func broken(_ rule: String) -> TensorError { .malformedTensor(path, name, rule: rule) }
      guard names.insert(name).inserted else { throw broken("is in the file twice") }
      let rank = Int(try bytes.number32())
      guard rank <= Self.dimensionLimit else { throw broken("has \(rank) dimensions") }
      var extents: [Int] = []
      for _ in 0..<rank { extents.append(try bytes.count()) }
      let typeNumber = try bytes.number32()
      guard let type = GGUFElementType(rawValue: typeNumber) else {
        throw broken("has the unknown type \(typeNumber)")
      }
      guard let shape = Shape(extents.reversed()), let byteCount = type.byteCount(of: shape) else {
        throw broken("has a shape that does not fit its type, or is larger than any file")
      }
      tensors.append(
        GGUFHeader.Tensor(
          name: name, type: type, shape: shape, byteOffset: try bytes.count(),
          byteCount: byteCount))
    }
    return tensors
  }

  /// The tensors with offsets in the file, after checking that they are aligned, inside the file,
  /// and over bytes of their own.
  private func located(
    _ tensors: [GGUFHeader.Tensor], from start: Int
  ) throws(TensorError) -> [GGUFHeader.Tensor] {
    var located: [GGUFHeader.Tensor] = []
    for tensor in tensors {
      guard tensor.byteOffset % alignment == 0 else {
        throw .malformedTensor(path, tensor.name, rule: "does not start at the file's alignment")
      }
      guard tensor.byteCount <= fileByteCount - start,
        tensor.byteOffset <= fileByteCount - start - tensor.byteCount
      else { throw .malformedTensor(path, tensor.name, rule: "lies outside the file") }
      located.append(
        GGUFHeader.Tensor(
          name: tensor.name, type: tensor.type, shape: tensor.shape,
          byteOffset: start + tensor.byteOffset, byteCount: tensor.byteCount))
    }
    var end = start
    for tensor in located.sorted(by: {
      ($0.byteOffset, $0.byteCount) < ($1.byteOffset, $1.byteCount)
    }) {
      guard tensor.byteOffset >= end else {
        throw .malformedTensor(path, tensor.name, rule: "overlaps the tensor before it")
      }
      end = tensor.byteOffset + tensor.byteCount
    }
    return located
  }
}
