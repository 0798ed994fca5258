internal import Digests

/// A record of a damaged pack that may be saved.
struct SavedRecord: Sendable {
  let pack: PackFile
  let entry: PackEntry
  /// Whether it was found by its head alone, and may be none.
  let isScanned: Bool
}

/// The records of damaged packs, and what they give back.
struct SavedRecords: Sendable {
  private let store: ObjectStore
  private var records: [StoredKey: SavedRecord] = [:]
  private(set) var order: [StoredKey] = []

  init(_ store: ObjectStore) { self.store = store }

  /// Adds what a damaged pack lists, or what can be found in it.
  mutating func collect(from name: Digest) throws(StorageError) {
    guard let pack = try? store.packs.pack(name) else { return }
    let listed = try? pack.footer().entries()
    let entries: [PackEntry]
    if let listed { entries = listed } else { entries = try pack.scannedEntries() }
    for entry in entries.sorted(by: { $0.offset < $1.offset }) {
      let record = SavedRecord(pack: pack, entry: entry, isScanned: listed == nil)
      if let known = records[entry.key], known.entry.depth <= entry.depth, isReadable(known) {
        continue
      }
      if records.updateValue(record, forKey: entry.key) == nil { order.append(entry.key) }
    }
  }

  subscript(key: StoredKey) -> SavedRecord? { records[key] }

  private func isReadable(_ record: SavedRecord) -> Bool {
    (try? record.pack.record(record.entry)) != nil
  }

  /// The parents that stand behind a record: through these records, or those of sound packs.
  ///
  /// Throws unless the record gives back what it is the id of.
  func verifiedDepth(of key: StoredKey, using codec: ChunkCodec) throws(StorageError) -> Int {
    guard let saved = records[key] else { throw key.missing }
    if key.space == .object {
      _ = try saved.pack.record(saved.entry).object()
      return 0
    }
    return try chunk(key.digest, below: PackFormat.maximumDepth, using: codec).depth
  }

  private func chunk(
    _ digest: Digest,
    below limit: Int,
    using codec: ChunkCodec
  ) throws(StorageError) -> (bytes: [UInt8], depth: Int) {
    let sound = try store.packs.find(.chunk(digest))
    guard let saved = records[.chunk(digest)],
      saved.isScanned || saved.entry.depth < (sound?.entry.depth ?? Int.max)
    else {
      return (try store.chunk(digest, using: codec), sound?.entry.depth ?? 0)
    }
    let record: PackRecord
    do throws(StorageError) {
      record = try saved.pack.record(saved.entry)
    } catch {
      guard let sound else { throw error }
      return (try store.chunk(digest, using: codec), sound.entry.depth)
    }
    var parent: (bytes: [UInt8], depth: Int)?
    if let digest = record.parent {
      // A list that was put together by its heads may lead in circles.
      guard limit > 0 else {
        throw .malformedEncoding(rule: "a chain of parents that does not end")
      }
      parent = try chunk(digest, below: limit - 1, using: codec)
    }
    let encoded = EncodedChunk(
      encoding: record.encoding,
      layout: record.layout,
      body: record.body
    )
    let bytes = try codec.decode(encoded, byteCount: record.byteCount, parent: parent?.bytes)
    guard BLAKE3.digest(of: bytes) == digest else { throw .wrongContent(digest) }
    return (bytes, parent.map { $0.depth + 1 } ?? 0)
  }
}
