internal import Digests

/// Puts what can be saved out of damaged packs, and what other stores have of the rest, into new packs.
final class RecordSaver {
  private let store: ObjectStore
  private let others: [ObjectStore]
  private let codec = ChunkCodec()
  private var saved: SavedRecords
  /// Records that could not be saved yet.
  private var left: [StoredKey] = []
  private var writer: PackWriter?
  private var pending: Set<StoredKey> = []
  private(set) var written: [Digest] = []
  private(set) var salvagedCount = 0
  private(set) var fetchedCount = 0
  private(set) var lost: Set<StoredKey> = []

  init(_ store: ObjectStore, others: [ObjectStore]) {
    self.store = store
    self.others = others
    saved = SavedRecords(store)
  }

  /// Adds a damaged pack.
  func collect(from name: Digest) throws(StorageError) { try saved.collect(from: name) }

  /// Copies all records that give back what they are the id of; the damaged packs are set aside.
  func saveCollected() throws(StorageError) {
    left = []
    for key in saved.order {
      if try !save(key) { left.append(key) }
    }
    try publish()
  }

  /// Whether a key needs no more care: it is in a sound pack, as near to its chain's end, or was copied.
  private func save(_ key: StoredKey) throws(StorageError) -> Bool {
    guard let record = saved[key] else { return false }
    let depth: Int
    do {
      depth = try saved.verifiedDepth(of: key, using: codec)
    } catch { return false }
    if let sound = try store.packs.find(key), sound.entry.depth <= depth { return true }
    guard depth <= PackFormat.maximumDepth else { return false }
    try append(try record.pack.recordBytes(record.entry), key: key, depth: depth)
    salvagedCount += 1
    return true
  }

  /// Looks for all that is missing in the other stores, until nothing more is found.
  func restoreMissing(references: ReferenceReader?) throws(StorageError) {
    var tried: Set<StoredKey> = []
    while true {
      let wanted = try wanted(references: references).subtracting(tried)
      guard !wanted.isEmpty else { break }
      for key in wanted.sorted() {
        tried.insert(key)
        try restore(key)
      }
      try publish()
      // What stood on a parent that is there again.
      var still: [StoredKey] = []
      for key in left {
        if try store.packs.find(key) == nil, try !save(key) { still.append(key) }
      }
      left = still
      try publish()
    }
    try keepUndecodable()
    for key in try wanted(references: references) {
      // What was found by its head alone was perhaps never there.
      if saved[key]?.isScanned == true, try !isReferredTo(key, references: references) { continue }
      lost.insert(key)
    }
  }

  /// Copies records that are what was written, by their checks, but whose parents are lost: with the
  /// parent they will come back.
  private func keepUndecodable() throws(StorageError) {
    for key in left {
      guard let record = saved[key], !record.isScanned, try store.packs.find(key) == nil,
        let parent = try? record.pack.record(record.entry).parent,
        (try? store.chunk(parent, using: codec)) == nil
      else { continue }
      try append(
        try record.pack.recordBytes(record.entry),
        key: key,
        depth: record.entry.depth
      )
      salvagedCount += 1
    }
    try publish()
  }

  /// Keys that are in no sound pack, though a damaged one had them, a record leans on them, or a ref
  /// leads to them.
  private func wanted(references: ReferenceReader?) throws(StorageError) -> Set<StoredKey> {
    var wanted: Set<StoredKey> = []
    for key in left {
      if try store.packs.find(key) == nil { wanted.insert(key) }
    }
    for name in store.packs.names {
      let pack = try store.packs.pack(name)
      for entry in try pack.footer().entries() where entry.depth > 0 {
        guard let parent = try pack.head(entry).parent else { continue }
        let found = try store.packs.find(.chunk(parent))
        // A copy that is farther from its chain's end is of no use to this record.
        if found.map({ $0.entry.depth >= entry.depth }) ?? true { wanted.insert(.chunk(parent)) }
      }
    }
    return wanted.union(try missing(references: references))
  }

  private func missing(references: ReferenceReader?) throws(StorageError) -> Set<StoredKey> {
    guard let references, let refs = try? store.log.refs() else { return [] }
    var roots: Set<ObjectID> = []
    for case .object(let id) in refs.values { roots.insert(id) }
    var reached: Set<StoredKey> = []
    var missing: Set<StoredKey> = []
    try store.walk(from: roots, reached: &reached, references: references) { missing.insert($0) }
    return missing
  }

  private func isReferredTo(
    _ key: StoredKey,
    references: ReferenceReader?
  ) throws(StorageError) -> Bool {
    try missing(references: references).contains(key)
  }

  /// Stores a key alone, as the first store has it that can give it back; this one is asked first.
  private func restore(_ key: StoredKey) throws(StorageError) {
    for source in [store] + others {
      guard let record = try? Self.record(of: key, in: source, using: codec) else { continue }
      try append(record, key: key, depth: 0)
      fetchedCount += 1
      return
    }
  }

  /// A record without a parent, whose content has the key.
  private static func record(
    of key: StoredKey,
    in source: ObjectStore,
    using codec: ChunkCodec
  ) throws(StorageError) -> [UInt8] {
    switch key.space {
    case .object: _ = try source.object(ObjectID(key.digest))
    case .chunk: _ = try source.chunk(key.digest, using: codec)
    }
    let found = try source.located(key) { pack, entry throws(StorageError) in
      (try pack.recordBytes(entry), try pack.head(entry))
    }
    guard let (bytes, head) = found else { throw key.missing }
    guard head.parent != nil else { return bytes }
    let chunk = try source.chunk(key.digest, using: codec)
    let encoded = codec.encode(chunk, layout: head.layout, parent: nil)
    guard try codec.decode(encoded, byteCount: chunk.count) == chunk else {
      throw .encodingNotVerified(key.digest)
    }
    return PackRecord(encoded, digest: key.digest, byteCount: chunk.count, parent: nil).bytes
  }

  private func append(_ record: [UInt8], key: StoredKey, depth: Int) throws(StorageError) {
    guard pending.insert(key).inserted else { return }
    if writer?.isFull == true { try publish() }
    if writer == nil { writer = try PackWriter(files: store.files, paths: store.paths) }
    try writer?.append(FinishedRecord(record, key: key, depth: depth))
  }

  private func publish() throws(StorageError) {
    pending = []
    guard let full = writer else { return }
    writer = nil
    let name = try full.publish()
    written.append(name)
    try store.packs.insert(name)
  }
}
