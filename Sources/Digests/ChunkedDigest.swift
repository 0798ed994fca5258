/// The digest of an array that was hashed in chunks, so that workers may hash out of order and a
/// reader may check any chunk by itself.
package enum ChunkedDigest {
  /// The id of an array from the plain BLAKE3 digests of its chunks, first chunk first.
  ///
  /// The payload, hashed as the kind `tensor` (see `CanonicalBytes.digest(as:)`):
  ///
  ///     the element type's name in UTF-8, 0x00
  ///     u32le  number of dimensions
  ///     u64le  each extent, outermost first
  ///     u64le  number of bytes of the array
  ///     32 bytes for each chunk
  package static func digest(
    elementType: String,
    extents: [Int],
    byteCount: Int,
    chunks: [Digest]
  ) -> Digest {
    canonical(elementType, extents, byteCount, chunks).digest(as: "tensor")
  }

  /// The payload that the id is the digest of.
  package static func payload(
    elementType: String,
    extents: [Int],
    byteCount: Int,
    chunks: [Digest]
  ) -> [UInt8] {
    canonical(elementType, extents, byteCount, chunks).bytes
  }

  private static func canonical(
    _ elementType: String,
    _ extents: [Int],
    _ byteCount: Int,
    _ chunks: [Digest]
  ) -> CanonicalBytes {
    var payload = CanonicalBytes()
    payload.append(elementType + "\0")
    payload.append(UInt32(extents.count))
    for extent in extents { payload.append(UInt64(extent)) }
    payload.append(UInt64(byteCount))
    for chunk in chunks { payload.append(chunk) }
    return payload
  }
}
