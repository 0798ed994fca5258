internal import Digests

/// What some objects and chunks cost.
public struct StoredSize: Hashable, Sendable {
  /// The objects and chunks.
  public var recordCount = 0
  /// The bytes of payloads and chunks.
  public var byteCount = 0
  /// The bytes that their records, with their entries, take in packs.
  public var storedByteCount = 0
}

extension ObjectStore {
  /// What some objects and chunks cost, by the heads of their records; throws where one is not stored.
  ///
  /// Of several copies the one counts that is read. The parents that chunks are stored against count
  /// only where they are among `references`, or with `includingParents`: each once.
  public func storedSize(
    of references: Set<Reference>,
    includingParents: Bool = false
  ) throws(StorageError) -> StoredSize {
    var size = StoredSize()
    var counted = Set(references.map(\.key))
    var waiting = Array(counted)
    while let key = waiting.popLast() {
      let found = try located(key) { pack, entry throws(StorageError) in
        (head: try pack.head(entry), byteCount: entry.byteCount + PackFormat.entryByteCount)
      }
      guard let (head, byteCount) = found else { throw key.missing }
      size.recordCount += 1
      size.byteCount += head.byteCount
      size.storedByteCount += byteCount
      if includingParents, let parent = head.parent, counted.insert(.chunk(parent)).inserted {
        waiting.append(.chunk(parent))
      }
    }
    return size
  }
}
