internal import Digests

/// What a record is found by. The two spaces are apart: a chunk may spell out what an object's id is
/// the digest of.
struct StoredKey: Hashable, Sendable, Comparable {
  enum Space: UInt8, Sendable {
    case chunk = 0
    case object = 1
  }

  let digest: Digest
  let space: Space

  static func chunk(_ digest: Digest) -> StoredKey { StoredKey(digest: digest, space: .chunk) }
  static func object(_ id: ObjectID) -> StoredKey {
    StoredKey(digest: id.digest, space: .object)
  }

  /// The key as what a payload may refer to.
  var reference: Reference {
    switch space {
    case .chunk: .chunk(digest)
    case .object: .object(ObjectID(digest))
    }
  }

  /// What is thrown where nothing is stored for it.
  var missing: StorageError {
    switch space {
    case .chunk: .missingChunk(digest)
    case .object: .missingObject(ObjectID(digest))
    }
  }

  /// The 33 bytes that order entries.
  var bytes: [UInt8] { digest.bytes + [space.rawValue] }

  static func < (left: StoredKey, right: StoredKey) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}
