public import Digests
internal import Files
public import Parallel

extension ObjectStore {
  /// Whether an object is stored.
  public func contains(_ id: ObjectID) throws(StorageError) -> Bool {
    try find(.object(id)) != nil
  }

  /// Whether a chunk is stored.
  public func contains(chunk digest: Digest) throws(StorageError) -> Bool {
    try find(.chunk(digest)) != nil
  }

  /// The object of this id; throws `missingObject` where there is none.
  ///
  /// What is returned has the id: anything else is `damagedRecord` or `wrongContent`.
  public func object(_ id: ObjectID) throws(StorageError) -> StoredObject {
    guard let (record, _) = try record(.object(id)) else { throw .missingObject(id) }
    return try record.object()
  }

  /// The chunk of this digest; throws `missingChunk` where there is none.
  ///
  /// What is returned has the digest: anything else is `damagedRecord` or `wrongContent`. Callers
  /// with many chunks to read keep a codec per thread.
  public func chunk(
    _ digest: Digest,
    using codec: ChunkCodec = ChunkCodec()
  ) throws(StorageError) -> [UInt8] {
    guard let (record, depth) = try record(.chunk(digest)) else { throw .missingChunk(digest) }
    let chunk = try decoded(record, depth: depth, using: codec, parents: cache)
    guard BLAKE3.digest(of: chunk) == digest else { throw .wrongContent(digest) }
    cache.insert(chunk, of: digest, inPlaceOf: record.parent)
    return chunk
  }

  /// Hands out chunks in their order, which are read and decoded on several threads; `body` is called
  /// on the caller's thread, with the place in `digests` and the chunk.
  ///
  /// What is handed out is as `chunk` returns it, and the error of the first chunk that cannot be had
  /// is thrown after all before it were handed out. No more than `Workers.waitingPerThread` chunks for
  /// each thread are in memory, and for each thread the records of one chain: 17 MiB at most.
  public func chunks(
    _ digests: [Digest],
    workers: Workers = .available,
    _ body: (Int, [UInt8]) throws(StorageError) -> Void
  ) throws(StorageError) {
    try workers.performInOrder(
      jobs: digests.count,
      scratch: { [codecs] in codecs.take() },
      finish: { [codecs] codec in codecs.giveBack(codec) },
      produce: { (job, codec) throws(StorageError) in try self.chunk(digests[job], using: codec) },
      consume: body
    )
  }

  /// The chunk of a record with so many parents behind it, all of it read from packs.
  func chunk(
    in record: PackRecord,
    depth: Int,
    using codec: ChunkCodec
  ) throws(StorageError) -> [UInt8] {
    let chunk = try decoded(record, depth: depth, using: codec, parents: nil)
    guard BLAKE3.digest(of: chunk) == record.key.digest else {
      throw .wrongContent(record.key.digest)
    }
    return chunk
  }

  /// A chunk that is not compared with its digest: a wrong parent makes a wrong child, so that a look
  /// at the last one of a chain is enough.
  private func decoded(
    _ record: PackRecord,
    depth: Int,
    using codec: ChunkCodec,
    parents: ChunkCache?
  ) throws(StorageError) -> [UInt8] {
    var parent: [UInt8]?
    if let digest = record.parent {
      parent = parents?.chunk(digest)
      if parent == nil {
        guard let (record, above) = try self.record(.chunk(digest)) else {
          throw .missingChunk(digest)
        }
        // Depths fall along a chain, so that no damage can make it circular.
        guard above < depth else {
          throw .malformedEncoding(rule: "a chain of parents that does not end")
        }
        parent = try decoded(record, depth: above, using: codec, parents: parents)
      }
    }
    let encoded = EncodedChunk(
      encoding: record.encoding,
      layout: record.layout,
      body: record.body
    )
    return try codec.decode(encoded, byteCount: record.byteCount, parent: parent)
  }

  /// A key's place, after another look at the packs where it is not found.
  func find(
    _ key: StoredKey,
    excluding excluded: Set<Digest> = []
  ) throws(StorageError) -> PackSet.Location? {
    if let location = try packs.find(key, excluding: excluded) { return location }
    try packs.refreshIfChanged()
    return try packs.find(key, excluding: excluded)
  }

  /// A key's record and its depth; nil where no pack has it.
  private func record(
    _ key: StoredKey
  ) throws(StorageError) -> (record: PackRecord, depth: Int)? {
    try located(key) { pack, entry throws(StorageError) in (try pack.record(entry), entry.depth) }
  }

  /// What `read` finds at a key's place; nil where no pack has it. Where one copy is damaged, another
  /// one is looked for.
  func located<Found>(
    _ key: StoredKey,
    read: (PackFile, PackEntry) throws(StorageError) -> Found
  ) throws(StorageError) -> Found? {
    var damaged: Set<Digest> = []
    var reason: StorageError?
    var hasRefreshed = false
    while let location = try find(key, excluding: damaged) {
      do throws(StorageError) {
        return try read(try packs.pack(location.pack), location.entry)
      } catch {
        if case .file(.notFound) = error, !hasRefreshed {
          // A pack that gc took away meanwhile has its live records in another.
          try packs.refresh()
          hasRefreshed = true
          continue
        }
        guard error.isDamage else { throw error }
        damaged.insert(location.pack)
        reason = reason ?? error
      }
    }
    if let reason { throw reason }
    return nil
  }
}
