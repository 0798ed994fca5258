internal import Digests
public import Files

extension Bundle {
  /// Writes a bundle with `refs` and all they lead to, without what `prerequisites` lead to.
  ///
  /// Records travel as they are stored. What they are stored against travels along, unless the
  /// prerequisites lead to it. The file is written beside `path` and then given its name: what is
  /// there already is never overwritten (`FileError.exists`).
  @discardableResult
  public static func create(
    at path: Path,
    from store: ObjectStore,
    refs: [RefName: ObjectID],
    excluding prerequisites: Set<ObjectID> = [],
    files: any StoreFiles = DiskFiles(),
    references: ReferenceReader
  ) throws(StorageError) -> Bundle {
    let excluded = try store.reachable(from: prerequisites, references: references)
    let groups = Self.groups(
      of: try Self.locations(
        in: store,
        from: Set(refs.values),
        excluding: excluded,
        references: references
      )
    )
    let manifest = BundleManifest(
      refs: refs,
      prerequisites: prerequisites.sorted(),
      packs: groups.map { PackFormat.byteCount(of: $0.map(\.entry)) }
    )
    let temporary = path.parent.appending(
      ".\(path.name).\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    )
    let file: any StoreFileWriting
    do { file = try files.create(temporary) } catch { throw .file(error) }
    defer { try? files.remove(temporary) }
    try write(groups, manifest, of: store, to: file)
    do throws(FileError) {
      try file.sync()
      try files.link(temporary, as: path)
      try files.syncNames(in: path.parent)
    } catch { throw .file(error) }
    return try Bundle(opening: path, files: files)
  }

  /// Where the records are that go along, in the order of their packs.
  private static func locations(
    in store: ObjectStore,
    from roots: Set<ObjectID>,
    excluding excluded: Set<StoredKey>,
    references: ReferenceReader
  ) throws(StorageError) -> [PackSet.Location] {
    var reached = excluded
    try store.walk(from: roots, reached: &reached, references: references) {
      (key) throws(StorageError) in
      throw key.missing
    }
    var waiting = Array(reached.subtracting(excluded))
    var locations: [PackSet.Location] = []
    while let key = waiting.popLast() {
      guard let location = try store.find(key) else { throw key.missing }
      locations.append(location)
      guard location.entry.depth > 0,
        let parent = try store.packs.pack(location.pack).head(location.entry).parent,
        reached.insert(.chunk(parent)).inserted
      else { continue }
      waiting.append(.chunk(parent))
    }
    return locations.sorted {
      $0.pack == $1.pack
        ? $0.entry.offset < $1.entry.offset
        : $0.pack.bytes.lexicographicallyPrecedes($1.pack.bytes)
    }
  }

  /// The records of one pack each.
  private static func groups(of locations: [PackSet.Location]) -> [[PackSet.Location]] {
    var groups: [[PackSet.Location]] = []
    var byteCount = PackFormat.softByteCount
    for location in locations {
      if byteCount >= PackFormat.softByteCount
        || groups[groups.count - 1].count == PackFormat.maximumEntryCount
      {
        groups.append([])
        byteCount = 0
      }
      groups[groups.count - 1].append(location)
      byteCount += location.entry.byteCount
    }
    return groups
  }

  private static func write(
    _ groups: [[PackSet.Location]],
    _ manifest: BundleManifest,
    of store: ObjectStore,
    to file: any StoreFileWriting
  ) throws(StorageError) {
    var hasher = BLAKE3.Hasher()
    var pending = try manifest.bytes()
    func flush() throws(StorageError) {
      hasher.update(pending)
      do { try file.append(pending) } catch { throw .file(error) }
      pending.removeAll(keepingCapacity: true)
    }
    for group in groups {
      pending += PackFormat.header
      var entries: [PackEntry] = []
      var offset = PackFormat.header.count
      for location in group {
        let bytes = try store.packs.pack(location.pack).recordBytes(location.entry)
        entries.append(location.entry.moved(to: offset))
        offset += bytes.count
        pending += bytes
        if pending.count >= 1 << 20 { try flush() }
      }
      pending += PackFooter.tail(of: entries, at: offset)
      try flush()
    }
    try flush()
    do { try file.append(hasher.digest.bytes) } catch { throw .file(error) }
  }
}

extension PackEntry {
  /// The same record at another place.
  fileprivate func moved(to offset: Int) -> PackEntry {
    PackEntry(key: key, depth: depth, offset: offset, byteCount: byteCount, check: check)
  }
}

extension PackFormat {
  /// The size of a pack with these records.
  fileprivate static func byteCount(of entries: [PackEntry]) -> Int {
    entries.reduce(header.count + fanoutByteCount + trailerByteCount) {
      $0 + $1.byteCount + entryByteCount
    }
  }
}
