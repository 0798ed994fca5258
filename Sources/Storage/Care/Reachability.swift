public import Digests

/// What a payload refers to, as the room that knows payloads says.
public enum Reference: Hashable, Sendable {
  /// An object.
  case object(ObjectID)
  /// A chunk.
  case chunk(Digest)

  var key: StoredKey {
    switch self {
    case .object(let id): .object(id)
    case .chunk(let digest): .chunk(digest)
    }
  }
}

/// Reads what an object refers to out of its payload.
public typealias ReferenceReader = (StoredObject) throws(StorageError) -> [Reference]

extension ObjectStore {
  /// All that can be reached from `roots`, themselves included; throws where some of it is not stored.
  public func everythingReachable(
    from roots: Set<ObjectID>,
    references: ReferenceReader
  ) throws(StorageError) -> Set<Reference> {
    Set(try reachable(from: roots, references: references).map(\.reference))
  }

  /// All keys that can be reached from `roots`; throws where one of them is not stored.
  func reachable(
    from roots: Set<ObjectID>,
    references: ReferenceReader
  ) throws(StorageError) -> Set<StoredKey> {
    var reached: Set<StoredKey> = []
    try walk(from: roots, reached: &reached, references: references) {
      (key) throws(StorageError) in
      throw key.missing
    }
    return reached
  }

  /// Adds what can be reached from `roots` and is still stored: a gc with a shorter expiry may have
  /// taken what only the log remembers.
  func addReachable(
    from roots: Set<ObjectID>,
    to reached: inout Set<StoredKey>,
    references: ReferenceReader
  ) throws(StorageError) {
    try walk(from: roots, reached: &reached, references: references) { _ in }
  }

  /// Adds all keys that can be reached from `roots` and are not in `reached` yet, and calls `missing`
  /// with those that are not stored.
  func walk(
    from roots: Set<ObjectID>,
    reached: inout Set<StoredKey>,
    references: ReferenceReader,
    missing: (StoredKey) throws(StorageError) -> Void
  ) throws(StorageError) {
    var waiting: [ObjectID] = []
    for root in roots.sorted() where reached.insert(.object(root)).inserted { waiting.append(root) }
    while let id = waiting.popLast() {
      guard try find(.object(id)) != nil else {
        try missing(.object(id))
        continue
      }
      for reference in try references(try object(id)) where reached.insert(reference.key).inserted {
        switch reference {
        case .object(let id): waiting.append(id)
        case .chunk(let digest):
          if try !contains(chunk: digest) { try missing(reference.key) }
        }
      }
    }
  }

  /// The objects that refs name now, and those they named in an operation since `expiry`.
  func roots(
    since expiry: Timestamp
  ) throws(StorageError) -> (current: Set<ObjectID>, former: Set<ObjectID>) {
    var current: Set<ObjectID> = []
    var former: Set<ObjectID> = []
    for case .object(let id) in try log.refs().values { current.insert(id) }
    for operation in try log.operations(while: { $0.time.isYoung(since: expiry) }) {
      for update in operation.updates {
        for case .object(let id) in [update.old, update.new] { former.insert(id) }
      }
    }
    return (current, former)
  }
}

extension Timestamp {
  /// Whether the moment is not before `expiry`, or no more than an hour: clocks may step back.
  func isYoung(since expiry: Timestamp) -> Bool { seconds >= expiry.seconds - 3600 }
}
