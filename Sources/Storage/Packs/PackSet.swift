internal import Digests
internal import Files
internal import Synchronization

/// All packs of a store, and where each key is in them.
final class PackSet: Sendable {
  /// A record's place.
  struct Location: Sendable {
    let pack: Digest
    let entry: PackEntry
  }

  /// With more packs than this beside the index, it is written anew.
  static let looseLimit = 16
  /// With more entries than this in them besides a part of what the index has, too: whoever opens
  /// the store reads them all.
  static let looseEntryLimit = 4096
  /// The packs since a large index was written have one of their own, of this many entries or an
  /// eighth of the large one's.
  static let newEntryLimit = 16384
  private static let openLimit = 64

  let files: any StoreFiles
  let paths: StorePaths
  let state: Mutex<State>

  struct State: Sendable {
    var names: Set<Digest> = []
    /// The large one, and that of the packs which came since.
    var indexes: [PackIndex] = []
    /// The packs that no index covers, newest first as far as that is known.
    var loose: [(name: Digest, footer: PackFooter)] = []
    var open: [Digest: PackFile] = [:]
    var damaged: Set<Digest> = []
    /// Packs that are there, but are not to be used.
    var setAside: Set<Digest> = []
  }

  init(files: any StoreFiles, paths: StorePaths) throws(StorageError) {
    self.files = files
    self.paths = paths
    state = Mutex(State())
    try refresh()
  }

  /// The packs that are there.
  var names: [Digest] {
    state.withLock { $0.names }.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// Packs that were there when they were listed, but cannot be opened.
  var damagedNames: Set<Digest> { state.withLock { $0.damaged } }

  /// Lists the packs again.
  func refresh() throws(StorageError) {
    let listed: [String]
    do { listed = try files.names(in: paths.packs) } catch { throw .file(error) }
    try state.withLock { state throws(StorageError) in
      let names = Set(listed.compactMap(StorePaths.packName)).subtracting(state.setAside)
      state.names = names
      state.open = state.open.filter { names.contains($0.key) }
      state.indexes = [paths.index, paths.newIndex].compactMap { PackIndex($0, files: files) }
      try Self.openLoose(&state, files: files, paths: paths)
    }
  }

  /// A key's place; nil where no pack has it, or only those of `excluded`.
  ///
  /// Of several copies it is the one with the fewest parents behind it: what was written against one
  /// of them has more than that, so that every chain ends.
  func find(
    _ key: StoredKey,
    excluding excluded: Set<Digest> = []
  ) throws(StorageError) -> Location? {
    try state.withLock { state throws(StorageError) in
      var best: Location?
      func consider(_ entry: PackEntry, _ pack: Digest) {
        if let best, best.entry.depth <= entry.depth { return }
        best = Location(pack: pack, entry: entry)
      }
      for index in state.indexes {
        var isUsable = true
        do throws(StorageError) {
          if let found = try index.find(key) {
            isUsable = state.names.contains(found.pack) && !excluded.contains(found.pack)
            if isUsable { consider(found.entry, found.pack) }
          }
        } catch {
          try Self.drop(index, of: &state, files: files, paths: paths)
        }
        if !isUsable {
          // The index names one of the packs that have the key, and this one may not be used.
          for name in index.packs where state.names.contains(name) && !excluded.contains(name) {
            let pack = try Self.pack(name, &state, files: files, paths: paths)
            if let entry = try pack.footer().entry(of: key) { consider(entry, name) }
          }
        }
      }
      for pack in state.loose where !excluded.contains(pack.name) {
        if let entry = try pack.footer.entry(of: key) { consider(entry, pack.name) }
      }
      return best
    }
  }

  /// An open pack; throws where it is gone.
  func pack(_ name: Digest) throws(StorageError) -> PackFile {
    try state.withLock { state throws(StorageError) in
      try Self.pack(name, &state, files: files, paths: paths)
    }
  }

  /// Takes in a pack that was just published.
  func insert(_ name: Digest) throws(StorageError) {
    try state.withLock { state throws(StorageError) in
      state.setAside.remove(name)
      let wasDamaged = state.damaged.remove(name) != nil
      guard state.names.insert(name).inserted || wasDamaged else { return }
      state.open[name] = nil
      let footer = try Self.pack(name, &state, files: files, paths: paths).footer()
      state.loose.insert((name, footer), at: 0)
    }
  }

  static func openLoose(
    _ state: inout State,
    files: any StoreFiles,
    paths: StorePaths
  ) throws(StorageError) {
    let covered = Set(state.indexes.flatMap(\.packs))
    let known = Dictionary(
      state.loose.map { ($0.name, $0.footer) },
      uniquingKeysWith: { first, _ in first }
    )
    state.loose = []
    state.damaged = []
    for name in state.names.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    where !covered.contains(name) {
      do throws(StorageError) {
        let footer: PackFooter
        if let kept = known[name] {
          footer = kept
        } else {
          footer = try pack(name, &state, files: files, paths: paths).footer()
        }
        state.loose.append((name, footer))
      } catch {
        // One that cannot be opened for the moment is not damaged, and nothing in it is missing.
        if case .file(let error) = error, error.isPassing { throw .file(error) }
        // One damaged pack does not hide the others; what is in it will be missed by its id.
        state.damaged.insert(name)
      }
    }
  }

  private static func pack(
    _ name: Digest,
    _ state: inout State,
    files: any StoreFiles,
    paths: StorePaths
  ) throws(StorageError) -> PackFile {
    if let open = state.open[name] { return open }
    if state.open.count >= openLimit { state.open = [:] }
    do throws(FileError) {
      let pack = try PackFile(name, files: files, paths: paths)
      state.open[name] = pack
      return pack
    } catch { throw .file(error) }
  }
}
