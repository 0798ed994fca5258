internal import Digests
internal import Tensors

/// The plain digests of a buffer's chunks, as tensor ids are made of.
enum ChunkDigests {
  /// The digests of the first `byteCount` bytes, a chunk at a time.
  static func of(_ buffer: [UInt8], byteCount: Int) -> [Digest] {
    let bytes = buffer.span.extracting(first: byteCount)
    return stride(from: 0, to: byteCount, by: TensorID.chunkByteCount).map { start in
      BLAKE3.digest(
        of: bytes.extracting(start..<min(byteCount, start + TensorID.chunkByteCount)))
    }
  }
}
