internal import Digests

extension ObjectStore {
  /// The ids of all stored objects whose hexadecimal digits start with `prefix`, in their order.
  ///
  /// Looks at the part of the index that has the first two digits, and at nothing else. Throws
  /// `invalidPrefix` for fewer than 4 digits, or for what are no digits.
  public func ids(withPrefix prefix: String) throws(StorageError) -> [ObjectID] {
    guard let digits = DigestPrefix(prefix) else { throw .invalidPrefix(prefix) }
    try packs.refreshIfChanged()
    return try packs.keys(in: digits.firstByte, from: digits.lowest) { digits.matches($0.digest) }
      .filter { $0.space == .object }.map { ObjectID($0.digest) }
  }

  /// Calls `body` with every stored object's id and kind, in the order of the ids.
  ///
  /// Reads the heads of records alone: payloads are neither read nor checked.
  public func forEachObject(
    _ body: (ObjectID, ObjectKind) throws(StorageError) -> Void
  ) throws(StorageError) {
    try packs.refreshIfChanged()
    for first in 0..<256 {
      for key in try packs.keys(in: first) where key.space == .object {
        guard let head = try head(of: key), let kind = head.kind else { continue }
        try body(ObjectID(key.digest), kind)
      }
    }
  }

  /// The head of a key's record; nil where no pack has it.
  func head(of key: StoredKey) throws(StorageError) -> RecordHead? {
    try located(key) { pack, entry throws(StorageError) in try pack.head(entry) }
  }
}
