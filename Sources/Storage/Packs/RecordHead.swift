internal import Digests

/// What stands before a record's body: enough to know its kind, its size and its parent.
///
/// The check of a record is over all of it, so that a head that is read alone is no more than
/// plausible: what follows from it may keep data alive or count it, but never return it.
struct RecordHead: Hashable, Sendable {
  /// The most bytes of a head.
  static let maximumByteCount = 12 + 2 * Digest.byteCount + 32

  let key: StoredKey
  let encoding: EncodedChunk.Encoding
  let layout: ElementLayout
  /// The bytes of the payload or chunk.
  let byteCount: Int
  /// The bytes of the body.
  let bodyByteCount: Int
  /// The chunk that a difference is from.
  let parent: Digest?
  /// An object's kind.
  let kind: ObjectKind?

  /// The bytes of the whole record.
  var recordByteCount: Int {
    12 + Digest.byteCount + (parent == nil ? 0 : Digest.byteCount) + (kind?.text.utf8.count ?? 0)
      + bodyByteCount
  }

  /// Reads a head; throws where it breaks a rule.
  init(_ reader: inout ByteReader) throws(StorageError) {
    let rule = StorageError.malformedEncoding(rule: "a record that cannot be")
    guard let space = StoredKey.Space(rawValue: try reader.byte()),
      let encoding = EncodedChunk.Encoding(rawValue: try reader.byte()),
      let layout = ElementLayout(rawValue: try reader.byte())
    else { throw rule }
    let wordCount = Int(try reader.byte())
    byteCount = Int(try reader.uint32())
    bodyByteCount = Int(try reader.uint32())
    func digest() throws(StorageError) -> Digest {
      guard let digest = Digest(bytes: Array(try reader.next(Digest.byteCount))) else { throw rule }
      return digest
    }
    key = StoredKey(digest: try digest(), space: space)
    parent = encoding.needsParent ? try digest() : nil
    let word = String(decoding: try reader.next(wordCount), as: UTF8.self)
    switch space {
    case .chunk:
      guard wordCount == 0, (1...ChunkCodec.maximumByteCount).contains(byteCount) else {
        throw rule
      }
      kind = nil
    case .object:
      guard let kind = ObjectKind(word), byteCount <= StoredObject.maximumByteCount,
        encoding == .raw || encoding == .zstd, layout == .bytes
      else { throw rule }
      self.kind = kind
    }
    self.encoding = encoding
    self.layout = layout
  }
}
