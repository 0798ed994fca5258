internal import Digests
internal import Files
internal import Storage

/// Compares files of the working tree with stored ones.
struct WorkingComparison {
  private let cache: DigestCache?

  init(cache: DigestCache? = nil) { self.cache = cache }

  /// The files that differ between what was found and a snapshot, by name; all are deleted where
  /// nothing was found.
  func difference(
    of found: Found?, from snapshot: Snapshot
  ) throws(HistoryError) -> [String: Status.Change.Kind] {
    var differing: [String: Status.Change.Kind] = [:]
    var present: Set<String> = []
    for file in found?.files ?? [] {
      present.insert(file.name)
      guard let stored = snapshot.files[file.name] else {
        differing[file.name] = .added
        continue
      }
      if !file.isRegular || stored.byteCount != file.byteCount {
        differing[file.name] = .modified
      } else if try digest(of: file.path) != stored.digest {
        differing[file.name] = .modified
      }
    }
    for name in snapshot.files.keys where !present.contains(name) { differing[name] = .deleted }
    return differing
  }

  /// Keeps what was computed for the next time.
  func save() { cache?.save() }

  func digest(of path: Path) throws(HistoryError) -> Digest {
    do {
      // One that is known is not even opened.
      if let known = cache?.lookup(path)?.digest { return known }
      let reader = try FileReader(path)
      let stamp = try reader.stamp()
      var hasher = BLAKE3.Hasher()
      var offset = 0
      while offset < reader.byteCount {
        let count = min(1 << 20, reader.byteCount - offset)
        hasher.update(try reader.bytes(at: offset, count: count))
        offset += count
      }
      if try reader.stamp() == stamp {
        cache?.record(FileDigests(digest: hasher.digest), for: stamp)
      }
      return hasher.digest
    } catch { throw .file(error) }
  }
}
