internal import Digests

/// Whether what is stored can be leant on.
enum Presence: Sendable {
  /// No pack that may be leant on has it.
  case absent
  /// It is there, as it was written.
  case sound
  /// It is there, but its record, or one that it is a difference from, is not what was written.
  case damaged
}

extension StorageError {
  /// Whether stored bytes are not what they should be: a copy of them elsewhere is as good as ever.
  var isDamage: Bool {
    switch self {
    case .damagedRecord, .wrongContent, .malformedEncoding, .malformedFile, .missingChunk,
      .missingObject:
      true
    default: false
    }
  }
}

extension ObjectStore {
  /// Whether a key is there, and whether all records that it takes to read it are as they were
  /// written, by their checks. `isKnown` spares those that were looked at before; `remember` is
  /// called for those that are sound.
  func presence(
    of key: StoredKey, excluding excluded: Set<Digest>,
    isKnown: (StoredKey) -> Bool, remember: ([StoredKey]) -> Void
  ) throws(StorageError) -> Presence {
    var chain: [StoredKey] = []
    var wanted = key
    while !isKnown(wanted) {
      // What others have published since the transaction began may be stored twice: a look at the
      // folder for each new key would cost more.
      let places = chain.isEmpty ? excluded : []
      guard let place = try packs.find(wanted, excluding: places) else {
        return chain.isEmpty ? .absent : .damaged
      }
      guard chain.count <= PackFormat.maximumDepth else { return .damaged }
      let parent: Digest?
      do throws(StorageError) {
        let pack = try packs.pack(place.pack)
        _ = try pack.recordBytes(place.entry)
        parent = place.entry.depth > 0 ? try pack.head(place.entry).parent : nil
      } catch {
        guard error.isDamage else { throw error }
        return .damaged
      }
      chain.append(wanted)
      guard let parent else { break }
      wanted = .chunk(parent)
    }
    remember(chain)
    return .sound
  }
}
