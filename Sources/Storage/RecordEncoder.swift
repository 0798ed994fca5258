internal import Digests

/// Makes a chunk's record: encoded, and decoded again to be sure.
struct RecordEncoder: Sendable {
  let store: ObjectStore
  /// Packs that nothing new may lean on.
  let condemned: Set<Digest>

  func encode(
    _ input: ChunkInput,
    digest: Digest,
    using codec: ChunkCodec
  ) throws(StorageError) -> FinishedRecord {
    let parent = try parent(of: input, using: codec)
    let encoded = codec.encode(input.bytes, layout: input.layout, parent: parent?.bytes)
    guard codec.isExact(encoded, input.bytes, parent: parent?.bytes) else {
      throw .encodingNotVerified(digest)
    }
    let record = PackRecord(
      encoded,
      digest: digest,
      byteCount: input.bytes.count,
      parent: input.parent
    )
    store.cache.insert(input.bytes, of: digest, inPlaceOf: input.parent)
    return FinishedRecord(
      record,
      depth: encoded.encoding.needsParent ? (parent?.depth ?? 0) + 1 : 0
    )
  }

  /// The parent's bytes and depth, where it is there and another may stand on it.
  private func parent(
    of input: ChunkInput,
    using codec: ChunkCodec
  ) throws(StorageError) -> (bytes: [UInt8], depth: Int)? {
    guard let digest = input.parent,
      let location = try store.find(.chunk(digest), excluding: condemned),
      location.entry.depth < PackFormat.writtenDepth
    else { return nil }
    if let bytes = store.cache.chunk(digest) { return (bytes, location.entry.depth) }
    return (try store.chunk(digest, using: codec), location.entry.depth)
  }
}
