internal import Digests

extension Bundle {
  /// Adds all that the bundle carries to a transaction, after it was verified against the store; where
  /// that throws, nothing was added. The caller commits, and moves its refs to what `refs` names.
  public func unbundle(
    into transaction: Transaction,
    references: ReferenceReader
  ) throws(StorageError) {
    let store = transaction.store
    _ = try verify(in: store, references: references)
    var depths: [StoredKey: Int] = [:]
    let codec = ChunkCodec()
    var new: [StoredKey] = []
    for key in order {
      if try transaction.isNew(key) { new.append(key) }
    }
    let isNew = Set(new)
    // Parents first, to count anew how many stand behind each record here.
    for key in new.sorted(by: { depth(of: $0) < depth(of: $1) }) {
      guard let parent = try record(key)?.record.parent else {
        depths[key] = 0
        continue
      }
      let behind: Int
      if isNew.contains(.chunk(parent)) {
        behind = depths[.chunk(parent)] ?? 0
      } else if let location = try store.find(.chunk(parent)) {
        behind = location.entry.depth
      } else {
        throw .missingChunk(parent)
      }
      // Too long a chain ends here.
      depths[key] = behind < PackFormat.maximumDepth ? behind + 1 : 0
    }
    for key in new {
      guard let (pack, entry) = places[key], let (record, _) = try record(key) else { continue }
      if depths[key] == 0, record.parent != nil {
        guard let bytes = try chunk(key, in: store, using: codec) else { continue }
        _ = try transaction.put([ChunkInput(bytes, layout: record.layout)])
      } else {
        try transaction.append(
          FinishedRecord(try packs[pack].recordBytes(entry), key: key, depth: depths[key] ?? 0))
      }
    }
  }

  /// Adds all that the bundle carries to a store, in one transaction that moves no ref; the refs of the
  /// bundle, for the caller to place. Until then nothing leads to what was added, but gc leaves it for
  /// the grace period.
  public func unbundle(
    into store: ObjectStore,
    at time: Timestamp,
    note: OperationNote = OperationNote(command: "unbundle"),
    references: ReferenceReader
  ) throws(StorageError) -> [RefName: ObjectID] {
    let transaction = try store.begin(at: time)
    try unbundle(into: transaction, references: references)
    _ = try transaction.commit([], note: note, at: time)
    return refs
  }

  private func depth(of key: StoredKey) -> Int { places[key]?.entry.depth ?? 0 }
}
