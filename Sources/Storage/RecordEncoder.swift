internal import Digests

/// Makes a chunk's record: encoded, and decoded again to be sure.
struct RecordEncoder: Sendable {
  let store: ObjectStore
  /// Packs that nothing new may lean on.
  let condemned: Set<Digest>

  /// `leaning` is whether the record may be a difference from its parent. One that takes the place of
  /// a damaged one stands alone: differences from it may have any depth.
  func encode(
    _ input: ChunkInput,
    digest: Digest,
    leaning: Bool,
    using codec: ChunkCodec
  ) throws(StorageError) -> FinishedRecord {
    let parent = leaning ? try parent(of: input, using: codec) : nil
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
    do throws(StorageError) {
      // This copy alone: another one, where this is damaged, may be farther from its chain's end.
      let record = try store.packs.pack(location.pack).record(location.entry)
      let bytes = try store.chunk(in: record, depth: location.entry.depth, using: codec)
      store.cache.insert(bytes, of: digest, inPlaceOf: record.parent)
      return (bytes, location.entry.depth)
    } catch {
      // New work can be stored beside damaged old work.
      guard error.isDamage else { throw error }
      return nil
    }
  }
}
