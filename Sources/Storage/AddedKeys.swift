internal import Digests
internal import Synchronization

/// The keys that a transaction has added so far, and those it has leant on, for all its threads.
final class AddedKeys: Sendable {
  private let keys = Mutex<Set<StoredKey>>([])
  private let sound = Mutex<Set<StoredKey>>([])

  var isEmpty: Bool { keys.withLock { $0.isEmpty } }

  func contains(_ key: StoredKey) -> Bool { keys.withLock { $0.contains(key) } }

  func insert(_ key: StoredKey) { keys.withLock { _ = $0.insert(key) } }

  /// Whether a key is among them, or in a pack of the store that may be leant on; each record is
  /// looked at once, so that nothing is acknowledged that cannot be read again.
  func presence(
    of key: StoredKey, in store: ObjectStore, excluding condemned: Set<Digest>
  ) throws(StorageError) -> Presence {
    if contains(key) { return .sound }
    return try store.presence(
      of: key, excluding: condemned,
      isKnown: { key in sound.withLock { $0.contains(key) } },
      remember: { chain in sound.withLock { $0.formUnion(chain) } })
  }
}
