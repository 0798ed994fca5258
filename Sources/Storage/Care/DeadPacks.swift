internal import Digests

extension ObjectStore {
  /// What is reachable from the refs, and from the log since `expiry`, and the parents of all that.
  ///
  /// Throws where a pack cannot be opened, since what is in it, and what that needs, is unknown then;
  /// and where something that a ref leads to is missing.
  func needed(
    since expiry: Timestamp,
    references: ReferenceReader
  ) throws(StorageError) -> Set<StoredKey> {
    for name in packs.names { _ = try packs.pack(name).footer() }
    let roots = try roots(since: expiry)
    var needed = try reachable(from: roots.current, references: references)
    try addReachable(from: roots.former, to: &needed, references: references)
    try addParents(to: &needed)
    return needed
  }

  /// The packs of which nothing is needed: no needed record, nor a parent of a record that stays.
  func deadPacks(
    _ needed: Set<StoredKey>,
    condemned: Set<Digest>
  ) throws(StorageError) -> [Digest] {
    var needed = needed
    var dead = packs.names
    var waiting = Array(needed)
    // The copy that is read is the one that stays; its whole pack stays with it, and so do the
    // parents of all that is in it.
    var kept: Set<Digest> = []
    while let key = waiting.popLast() {
      guard let location = try staying(key, condemned: condemned),
        kept.insert(location.pack).inserted
      else { continue }
      dead.removeAll { $0 == location.pack }
      let pack = try packs.pack(location.pack)
      for entry in try pack.footer().entries() where entry.depth > 0 {
        guard let parent = try pack.head(entry).parent else { continue }
        if needed.insert(.chunk(parent)).inserted { waiting.append(.chunk(parent)) }
      }
    }
    return dead
  }

  /// The copy of a key that is to stay: outside of what is condemned where that is as good. With more
  /// parents behind it than the one that is read now, it would end the chains that lead there.
  private func staying(
    _ key: StoredKey,
    condemned: Set<Digest>
  ) throws(StorageError) -> PackSet.Location? {
    let best = try packs.find(key)
    guard let best, condemned.contains(best.pack),
      let other = try packs.find(key, excluding: condemned),
      other.entry.depth <= best.entry.depth
    else { return best }
    return other
  }

  /// Adds the parents that chunks are stored against, as far as they go; throws where one is missing.
  private func addParents(to needed: inout Set<StoredKey>) throws(StorageError) {
    var waiting = Array(needed.filter { $0.space == .chunk })
    while let key = waiting.popLast() {
      guard let location = try packs.find(key), location.entry.depth > 0,
        let parent = try packs.pack(location.pack).head(location.entry).parent
      else { continue }
      guard needed.insert(.chunk(parent)).inserted else { continue }
      guard try packs.find(.chunk(parent)) != nil else { throw .missingChunk(parent) }
      waiting.append(.chunk(parent))
    }
  }
}
