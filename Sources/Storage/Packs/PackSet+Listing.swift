internal import Digests
internal import Files
internal import Synchronization

extension PackSet {
  /// Lists the packs again where some came or went.
  func refreshIfChanged() throws(StorageError) {
    let listed: [String]
    do { listed = try files.names(in: paths.packs) } catch { throw .file(error) }
    let names = Set(listed.compactMap(StorePaths.packName))
    guard state.withLock({ $0.names != names.subtracting($0.setAside) }) else { return }
    try refresh()
  }

  /// Uses none of these packs, and all others again.
  func setAside(_ names: Set<Digest>) throws(StorageError) {
    state.withLock { $0.setAside = names }
    try refresh()
  }

  /// All keys with one first byte, in their order: those not below `lowest`, as long as `isWanted`
  /// says so.
  func keys(
    in first: Int,
    from lowest: [UInt8] = [],
    while isWanted: (StoredKey) -> Bool = { _ in true }
  ) throws(StorageError) -> [StoredKey] {
    var isFromIndex = false
    var keys: Set<StoredKey> = []
    try state.withLock { state throws(StorageError) in
      for index in state.indexes {
        do throws(StorageError) {
          keys.formUnion(try index.keys(in: first, from: lowest, while: isWanted))
          isFromIndex = isFromIndex || index.packs.contains { !state.names.contains($0) }
        } catch {
          try Self.drop(index, of: &state, files: files, paths: paths)
        }
      }
      for pack in state.loose {
        keys.formUnion(try pack.footer.keys(in: first, from: lowest, while: isWanted))
      }
    }
    // An index may name what only packs had that are gone.
    var found: [StoredKey] = []
    for key in keys {
      if isFromIndex, try find(key) == nil { continue }
      found.append(key)
    }
    return found.sorted()
  }
}
