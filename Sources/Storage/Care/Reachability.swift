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
  /// All keys that can be reached from `roots`; throws where one of them is not stored.
  func reachable(
    from roots: Set<ObjectID>,
    references: ReferenceReader
  ) throws(StorageError) -> Set<StoredKey> {
    var reached = Set(roots.map { StoredKey.object($0) })
    var waiting = roots.sorted()
    while let id = waiting.popLast() {
      for reference in try references(try object(id)) where reached.insert(reference.key).inserted {
        switch reference {
        case .object(let id): waiting.append(id)
        case .chunk(let digest):
          guard try contains(chunk: digest) else { throw .missingChunk(digest) }
        }
      }
    }
    return reached
  }

  /// The objects that refs name now, or named in an operation since `expiry`.
  func roots(since expiry: Timestamp) throws(StorageError) -> Set<ObjectID> {
    let state = try log.current()
    var roots: Set<ObjectID> = []
    func add(_ value: RefValue?) {
      if case .object(let id) = value { roots.insert(id) }
    }
    for value in state.refs.values { add(value) }
    var sequence = state.sequence
    while sequence > 0 {
      let operation = try log.operation(sequence)
      // An hour, because clocks may step back.
      if operation.time.seconds < expiry.seconds - 3600 { break }
      for update in operation.updates {
        add(update.old)
        add(update.new)
      }
      sequence -= 1
    }
    return roots
  }
}
