internal import Digests
internal import Files

/// What a bundle that was verified carries.
public struct BundleContents: Hashable, Sendable {
  /// Its objects.
  public var objectCount = 0
  /// Its chunks.
  public var chunkCount = 0
  /// Chunks that are stored against chunks of the prerequisites, which were not at hand: their records
  /// are what was written, but that they give back what they are the id of is not known.
  public var undecodedCount = 0
}

extension Bundle {
  /// Checks all of the bundle: the digest of the file, every record by its id, and that everything its
  /// refs lead to is in it, or in what the prerequisites lead to.
  ///
  /// The latter is looked for in `store`, which must have it, or believed where there is none. What no
  /// ref leads to may not be in a bundle. Throws at the first thing that is wrong:
  /// `malformedFile`, `damagedRecord`, `wrongContent`, `missingObject`, `missingChunk`, or
  /// `missingPrerequisites`.
  public func verify(
    in store: ObjectStore? = nil,
    references: ReferenceReader
  ) throws(StorageError) -> BundleContents {
    try checkDigest()
    if let store {
      var missing: [ObjectID] = []
      for id in prerequisites {
        if try !store.contains(id) { missing.append(id) }
      }
      guard missing.isEmpty else { throw .missingPrerequisites(missing) }
    }
    var contents = BundleContents()
    let codec = ChunkCodec()
    for key in order {
      switch key.space {
      case .object:
        _ = try object(key)
        contents.objectCount += 1
      case .chunk:
        if try chunk(key, in: store, using: codec) == nil { contents.undecodedCount += 1 }
        contents.chunkCount += 1
      }
    }
    try checkClosure(in: store, references: references)
    return contents
  }

  private func checkDigest() throws(StorageError) {
    var hasher = BLAKE3.Hasher()
    let end = file.byteCount - Digest.byteCount
    var offset = 0
    let trailer: [UInt8]
    do throws(FileError) {
      while offset < end {
        let piece = try file.bytes(at: offset, count: min(1 << 20, end - offset))
        hasher.update(piece)
        offset += piece.count
      }
      trailer = try file.bytes(at: end, count: Digest.byteCount)
    } catch { throw .file(error) }
    guard hasher.digest.bytes == trailer else {
      throw .malformedFile(path, rule: "a bundle with another digest")
    }
  }

  private func object(_ key: StoredKey) throws(StorageError) -> StoredObject {
    guard let (record, _) = try record(key) else { throw key.missing }
    return try record.object()
  }

  /// A chunk, compared with its digest; nil where it stands on one that is not at hand.
  func chunk(
    _ key: StoredKey,
    in store: ObjectStore?,
    using codec: ChunkCodec
  ) throws(StorageError) -> [UInt8]? {
    guard let (record, depth) = try record(key) else { throw key.missing }
    var parent: [UInt8]?
    if let digest = record.parent {
      if let place = places[.chunk(digest)] {
        // Depths fall along a chain, so that no lie can make it circular.
        guard place.entry.depth < depth else {
          throw .malformedFile(path, rule: "a chain of parents that does not end")
        }
        parent = try chunk(.chunk(digest), in: store, using: codec)
      } else if let store {
        parent = try store.chunk(digest, using: codec)
      } else if prerequisites.isEmpty {
        throw .missingChunk(digest)
      }
      guard parent != nil else { return nil }
    }
    let encoded = EncodedChunk(
      encoding: record.encoding,
      layout: record.layout,
      body: record.body
    )
    let bytes = try codec.decode(encoded, byteCount: record.byteCount, parent: parent)
    guard BLAKE3.digest(of: bytes) == key.digest else { throw .wrongContent(key.digest) }
    return bytes
  }

  private func checkClosure(
    in store: ObjectStore?,
    references: ReferenceReader
  ) throws(StorageError) {
    var reached = Set(refs.values.map { StoredKey.object($0) })
    var waiting = Array(reached)
    var outside: Set<ObjectID> = []
    while let key = waiting.popLast() {
      guard places[key] != nil else {
        if let store {
          guard try store.find(key) != nil else { throw key.missing }
          if key.space == .object { outside.insert(ObjectID(key.digest)) }
        } else if prerequisites.isEmpty {
          throw key.missing
        }
        continue
      }
      switch key.space {
      case .object:
        for reference in try references(try object(key))
        where reached.insert(reference.key).inserted { waiting.append(reference.key) }
      case .chunk:
        guard let parent = try record(key)?.record.parent,
          reached.insert(.chunk(parent)).inserted
        else { continue }
        waiting.append(.chunk(parent))
      }
    }
    guard order.allSatisfy(reached.contains) else {
      throw .malformedFile(path, rule: "a record that no ref leads to")
    }
    // What the receiver has must be whole: an object alone may be what gc has left of it.
    if let store { _ = try store.reachable(from: outside, references: references) }
  }
}
