public import Digests
public import Parallel

/// A chunk to be stored, and what it may be like.
public struct ChunkInput: Hashable, Sendable {
  /// Its bytes: 1 to 1 MiB.
  public let bytes: [UInt8]
  /// How they are numbers.
  public let layout: ElementLayout
  /// A stored chunk that may be alike, such as the same place of the tensor one checkpoint earlier.
  public let parent: Digest?

  /// A chunk to be stored.
  public init(_ bytes: [UInt8], layout: ElementLayout, parent: Digest? = nil) {
    self.bytes = bytes
    self.layout = layout
    self.parent = parent
  }
}

extension Transaction {
  /// Adds chunks, which are encoded on several threads; their digests, in their order.
  ///
  /// What is written does not depend on the number of threads.
  public func put(
    _ chunks: [ChunkInput],
    workers: Workers = .available
  ) throws(StorageError) -> [Digest] {
    try put(
      chunkCount: chunks.count,
      workers: workers,
      failing: { $0 },
      reading: { (number) throws(StorageError) in chunks[number] },
      each: { (_, _) throws(StorageError) in }
    )
  }

  /// Adds chunks that are read when their turn comes; their digests, in their order.
  ///
  /// `reading` is called on any thread. `each` is called on the caller's, in their order, with a
  /// chunk's number and bytes, while others are read and encoded: whoever wants a digest of them all
  /// computes it there. What is written does not depend on the number of threads. No more than
  /// `Workers.waitingPerThread` chunks for each thread are in memory. A chunk whose stored record is
  /// damaged is stored once more, and heals what refers to it.
  public func put<Failure: Error>(
    chunkCount: Int,
    workers: Workers = .available,
    failing: @escaping @Sendable (StorageError) -> Failure,
    reading: @escaping @Sendable (Int) throws(Failure) -> ChunkInput,
    each: (Int, [UInt8]) throws(Failure) -> Void
  ) throws(Failure) -> [Digest] {
    let encoder = RecordEncoder(store: store, condemned: condemned)
    let (store, condemned, added, codecs) = (store, condemned, added, store.codecs)
    var digests: [Digest] = []
    digests.reserveCapacity(chunkCount)
    try workers.performInOrder(
      jobs: chunkCount,
      scratch: { codecs.take() },
      finish: { codec in codecs.giveBack(codec) },
      produce: { (number, codec) throws(Failure) -> PreparedChunk in
        let input = try reading(number)
        do throws(StorageError) {
          let byteCount = input.bytes.count
          guard (1...ChunkCodec.maximumByteCount).contains(byteCount) else {
            throw .tooLarge(byteCount: byteCount, limit: ChunkCodec.maximumByteCount)
          }
          let digest = BLAKE3.digest(of: input.bytes)
          let presence = try added.presence(of: .chunk(digest), in: store, excluding: condemned)
          guard presence != .sound else {
            return PreparedChunk(bytes: input.bytes, digest: digest, record: nil)
          }
          let record = try encoder.encode(
            input, digest: digest, leaning: presence == .absent, using: codec)
          return PreparedChunk(bytes: input.bytes, digest: digest, record: record)
        } catch { throw failing(error) }
      },
      consume: { (number, chunk) throws(Failure) in
        try each(number, chunk.bytes)
        digests.append(chunk.digest)
        // Of equal chunks, several may be under way at once: the first one counts.
        guard let record = chunk.record, !added.contains(record.key) else { return }
        do throws(StorageError) { try append(record) } catch { throw failing(error) }
      }
    )
    return digests
  }
}

/// A chunk that was read, and what is to be written of it; nil where it is stored already.
private struct PreparedChunk: Sendable {
  let bytes: [UInt8]
  let digest: Digest
  let record: FinishedRecord?
}
