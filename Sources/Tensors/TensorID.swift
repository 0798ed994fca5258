public import Digests

/// What a tensor holds, by content: its element type, its shape and its bytes. Neither its name nor
/// the file around it takes part.
///
/// BLAKE3("adapterctl" ‖ 0x00 ‖ "tensor" ‖ 0x00 ‖ u64le(payload's byte count) ‖ payload), where the
/// payload is the safetensors name of the element type in UTF-8, 0x00, u32le(number of dimensions),
/// u64le of each extent from the outermost, u64le(number of bytes), and the plain BLAKE3 digests of
/// the chunks of `chunkByteCount` bytes in order, the last of them shorter. The bytes are
/// little-endian and in C order. A tensor without elements has no chunks.
public struct TensorID: Hashable, Sendable, CustomStringConvertible {
  /// The number of bytes of a chunk: 1 MiB.
  public static let chunkByteCount = 1 << 20

  /// The 32 bytes of the id.
  public let digest: Digest

  /// An id read from where one was written.
  public init(_ digest: Digest) { self.digest = digest }

  /// The id of a tensor from the digests of its chunks, first chunk first.
  ///
  /// The shape must fill whole bytes, and there must be one digest per chunk.
  public init(dtype: DType, shape: Shape, chunks: [Digest]) {
    guard let byteCount = shape.byteCount(of: dtype) else {
      preconditionFailure("a tensor fills whole bytes")
    }
    precondition(chunks.count == Self.chunkCount(ofBytes: byteCount), "one digest per chunk")
    digest = ChunkedDigest.digest(
      elementType: dtype.rawValue,
      extents: shape.extents,
      byteCount: byteCount,
      chunks: chunks
    )
  }

  /// The id of a tensor that lies in memory; `bytes` must be as many as the shape fills.
  public init(dtype: DType, shape: Shape, bytes: Span<UInt8>) {
    precondition(bytes.count == shape.byteCount(of: dtype), "the bytes of this shape")
    let chunks = stride(from: 0, to: bytes.count, by: Self.chunkByteCount).map { start in
      let end = min(start + Self.chunkByteCount, bytes.count)
      return BLAKE3.digest(of: bytes.extracting(start..<end))
    }
    self.init(dtype: dtype, shape: shape, chunks: chunks)
  }

  /// The number of chunks of a tensor of `byteCount` bytes.
  public static func chunkCount(ofBytes byteCount: Int) -> Int {
    byteCount / chunkByteCount + (byteCount % chunkByteCount == 0 ? 0 : 1)
  }

  /// `b3:` and 64 hexadecimal digits.
  public var description: String { digest.description }
}
