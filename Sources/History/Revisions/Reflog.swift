public import Storage

/// One place where a ref has been.
public struct ReflogEntry: Hashable, Sendable {
  /// The object it named; nil where it named none.
  public let object: ObjectID?
  /// The operation that moved it there.
  public let operation: Operation
}

extension Repository {
  /// Where a ref has been, the newest first; symbolic refs are followed, so that a head's places are
  /// those of its branches while it was on them.
  public func reflog(
    of name: RefName, limit: Int = Int.max
  ) throws(HistoryError) -> [ReflogEntry] {
    var refs = try refs()
    var places: [ReflogEntry] = []
    do throws(StorageError) {
      var sequence = try store.log.lastSequence()
      while sequence > 0, places.count < limit {
        guard let operation = try earliestKept(sequence) else { break }
        let after = Self.object(of: name, in: refs)
        for update in operation.updates { refs[update.name] = update.old }
        if Self.object(of: name, in: refs) != after {
          places.append(ReflogEntry(object: after, operation: operation))
        }
        sequence -= 1
      }
    } catch { throw .storage(error) }
    return places
  }

  /// The operation of a number; nil where the log begins behind it.
  private func earliestKept(_ sequence: Int) throws(StorageError) -> Operation? {
    do throws(StorageError) {
      return try store.log.operation(sequence)
    } catch {
      guard case .missingOperation = error else { throw error }
      return nil
    }
  }

  /// Where a ref was `count` moves ago: `NAME@{N}`. Without a name it is the branch's of the head.
  func earlier(
    _ name: String, _ count: Int, _ revision: String
  ) throws(HistoryError) -> ObjectID {
    let ref: RefName?
    if name.isEmpty {
      ref = try head().branch ?? .head
    } else {
      ref = try refName(name)
    }
    guard let ref else {
      throw .unknownRevision(revision, nearMisses: try nearMisses(name))
    }
    let places = try reflog(of: ref, limit: count + 1)
    guard places.indices.contains(count), let object = places[count].object else {
      throw .noSuchAncestor(revision)
    }
    return object
  }

  private static func object(of name: RefName, in refs: [RefName: RefValue]) -> ObjectID? {
    var name = name
    for _ in 0..<8 {
      switch refs[name] {
      case .object(let id): return id
      case .symbolic(let other): name = other
      case nil: return nil
      }
    }
    return nil
  }
}
