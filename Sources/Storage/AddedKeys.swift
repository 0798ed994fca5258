internal import Digests
internal import Synchronization

/// The keys that a transaction has added so far, for all its threads.
final class AddedKeys: Sendable {
  private let keys = Mutex<Set<StoredKey>>([])

  var isEmpty: Bool { keys.withLock { $0.isEmpty } }

  func contains(_ key: StoredKey) -> Bool { keys.withLock { $0.contains(key) } }

  func insert(_ key: StoredKey) { keys.withLock { _ = $0.insert(key) } }

  /// Whether a key is neither among them nor in a pack of the store that may be leant on.
  func isNew(
    _ key: StoredKey, in store: ObjectStore, excluding condemned: Set<Digest>
  ) throws(StorageError) -> Bool {
    if contains(key) { return false }
    // What others have published since the transaction began may be stored twice: a look at the folder
    // for each new key would cost more.
    return try store.packs.find(key, excluding: condemned) == nil
  }
}
