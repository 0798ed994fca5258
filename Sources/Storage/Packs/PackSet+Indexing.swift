internal import Digests
internal import Files
internal import Synchronization

extension PackSet {
  /// Whether so much is beside the indexes that a new one is worth what it costs.
  private var isIndexDue: Bool {
    state.withLock { state in
      let entries = state.loose.reduce(0) { $0 + $1.footer.table.count }
      let indexed = state.indexes.reduce(0) { $0 + $1.entryCount }
      return state.loose.count > Self.looseLimit || entries > Self.looseEntryLimit + indexed / 32
    }
  }

  /// Writes an index anew where much is beside it, or that of all packs `always`. They are derived:
  /// where that fails, nothing is lost.
  ///
  /// Of equal copies, those in packs that are `leaving` are not the ones to be found.
  func updateIndex(always: Bool = false, leaving: Set<Digest> = []) {
    guard always || isIndexDue else { return }
    let names = names
    if !always, let large = PackIndex(paths.index, files: files) {
      let covered = Set(large.packs)
      let packs = opened(names.filter { !covered.contains($0) })
      let entries = packs.reduce(0) { $0 + $1.footer.table.count }
      if entries <= max(Self.newEntryLimit, large.entryCount / 8) {
        write(packs, to: paths.newIndex)
        return
      }
    }
    let packs = opened(
      names.filter { !leaving.contains($0) } + names.filter { leaving.contains($0) })
    guard write(packs, to: paths.index) else { return }
    // It covers what the other one did.
    try? files.remove(paths.newIndex)
    try? refresh()
  }

  private func opened(_ names: [Digest]) -> [(name: Digest, footer: PackFooter)] {
    names.compactMap { name in
      guard let footer = try? pack(name).footer() else { return nil }
      return (name, footer)
    }
  }

  /// Whether the index was written.
  @discardableResult
  private func write(_ packs: [(name: Digest, footer: PackFooter)], to path: Path) -> Bool {
    let temporary = paths.newTemporary()
    guard let bytes = try? PackIndex.bytes(of: packs), let file = try? files.create(temporary)
    else { return false }
    do throws(FileError) {
      try file.append(bytes)
      try files.rename(temporary, over: path)
    } catch {
      try? files.remove(temporary)
      return false
    }
    try? refresh()
    return true
  }

  /// Does without an index that is damaged.
  static func drop(
    _ index: PackIndex, of state: inout State, files: any StoreFiles, paths: StorePaths
  ) throws(StorageError) {
    state.indexes.removeAll { $0.packs == index.packs }
    try openLoose(&state, files: files, paths: paths)
  }
}
