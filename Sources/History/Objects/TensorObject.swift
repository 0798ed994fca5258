public import Digests
public import Storage
internal import Tensors

/// A stored tensor: what its elements are, and the chunks that they are in.
///
/// The payload is that of `Digests/ChunkedDigest`, so that the object's id is the tensor's id
/// (`Tensors/TensorID`).
public struct TensorObject: Kept, Hashable {
  /// Its object's kind.
  public static let kind = ObjectKind.tensor

  /// What stands before the names that ggml gives its quantised types.
  static let quantisedPrefix = "ggml:"

  /// The name of the type of its elements: safetensors' where it has one, `ggml:` and ggml's own name
  /// for quantised ones.
  public let elementType: String
  /// The extents, outermost first.
  public let extents: [Int]
  /// The number of bytes.
  public let byteCount: Int
  /// The digests of its chunks of 1 MiB, the last of them shorter.
  public let chunks: [Digest]

  /// A tensor in these chunks.
  public init(elementType: String, extents: [Int], byteCount: Int, chunks: [Digest]) {
    self.elementType = elementType
    self.extents = extents
    self.byteCount = byteCount
    self.chunks = chunks
  }

  /// The number of chunks that so many bytes are cut into.
  public static func chunkCount(ofBytes byteCount: Int) -> Int {
    TensorID.chunkCount(ofBytes: byteCount)
  }

  /// How the bytes are numbers, for their encoding.
  public var layout: ElementLayout {
    guard let dtype = DType(rawValue: elementType) else { return .bytes }
    switch dtype {
    case .bf16: return .bfloat16
    case .f16: return .binary16
    case .f32, .c64: return .binary32
    case .f64: return .binary64
    case .i16, .u16: return .words16
    case .i32, .u32: return .words32
    case .i64, .u64: return .words64
    default: return .bytes
    }
  }

  /// The tensor's object.
  public var object: StoredObject {
    StoredObject(
      kind: .tensor,
      payload: ChunkedDigest.payload(
        elementType: elementType, extents: extents, byteCount: byteCount, chunks: chunks))
  }

  /// Its chunks.
  public var references: [Reference] { chunks.map { .chunk($0) } }

  /// Reads a tensor's object.
  public init(_ object: StoredObject, id: ObjectID) throws(HistoryError) {
    guard object.kind == .tensor else {
      throw .unexpectedKind(id, expected: "tensor", actual: object.kind.text)
    }
    func broken() -> HistoryError {
      .malformedObject(id, kind: "tensor", rule: "is not laid out as a tensor")
    }
    var bytes = object.payload[...]
    func number(_ width: Int) throws(HistoryError) -> Int {
      guard bytes.count >= width else { throw broken() }
      let number = bytes.prefix(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      bytes = bytes.dropFirst(width)
      guard let count = Int(exactly: number) else { throw broken() }
      return count
    }
    guard let end = bytes.firstIndex(of: 0), end > 0, end <= 32,
      bytes[..<end].allSatisfy({ 0x21...0x7E ~= $0 })
    else { throw broken() }
    elementType = String(decoding: bytes[..<end], as: UTF8.self)
    bytes = bytes[(end + 1)...]
    let rank = try number(4)
    guard rank <= bytes.count / 8 else { throw broken() }
    var extents: [Int] = []
    for _ in 0..<rank { extents.append(try number(8)) }
    self.extents = extents
    byteCount = try number(8)
    guard bytes.count.isMultiple(of: Digest.byteCount),
      bytes.count / Digest.byteCount == Self.chunkCount(ofBytes: byteCount)
    else { throw broken() }
    chunks = stride(from: bytes.startIndex, to: bytes.endIndex, by: Digest.byteCount).compactMap {
      Digest(bytes: Array(bytes[$0..<$0 + Digest.byteCount]))
    }
  }
}
