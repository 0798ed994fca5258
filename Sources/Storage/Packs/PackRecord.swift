internal import Digests

/// One stored object or chunk; see FORMAT.md, section 4.
struct PackRecord: Hashable, Sendable {
  let key: StoredKey
  let encoding: EncodedChunk.Encoding
  let layout: ElementLayout
  /// The bytes of the payload or chunk.
  let byteCount: Int
  /// The chunk that a difference is from.
  let parent: Digest?
  /// An object's kind.
  let kind: ObjectKind?
  let body: [UInt8]

  /// A chunk's record.
  init(_ chunk: EncodedChunk, digest: Digest, byteCount: Int, parent: Digest?) {
    key = .chunk(digest)
    encoding = chunk.encoding
    layout = chunk.layout
    self.byteCount = byteCount
    self.parent = chunk.encoding.needsParent ? parent : nil
    kind = nil
    body = chunk.body
  }

  /// An object's record.
  init(_ object: StoredObject, id: ObjectID, encoding: EncodedChunk.Encoding, body: [UInt8]) {
    key = .object(id)
    self.encoding = encoding
    layout = .bytes
    byteCount = object.payload.count
    parent = nil
    kind = object.kind
    self.body = body
  }

  /// The record as it is stored.
  var bytes: [UInt8] {
    let word = Array((kind?.text ?? "").utf8)
    var bytes = [key.space.rawValue, encoding.rawValue, layout.rawValue, UInt8(word.count)]
    bytes.reserveCapacity(128 + body.count)
    bytes.append(littleEndian: UInt32(byteCount))
    bytes.append(littleEndian: UInt32(body.count))
    bytes += key.digest.bytes
    if let parent { bytes += parent.bytes }
    bytes += word
    bytes += body
    return bytes
  }

  /// Reads a record; throws where it breaks a rule.
  init(parsing bytes: [UInt8]) throws(StorageError) {
    var reader = ByteReader(bytes)
    let head = try RecordHead(&reader)
    guard head.bodyByteCount == reader.left else {
      throw .malformedEncoding(rule: "a record that cannot be")
    }
    key = head.key
    encoding = head.encoding
    layout = head.layout
    byteCount = head.byteCount
    parent = head.parent
    kind = head.kind
    body = Array(try reader.next(head.bodyByteCount))
  }

  /// The object of the record, which has the record's id.
  func object() throws(StorageError) -> StoredObject {
    guard let kind else { throw .wrongContent(key.digest) }
    var payload = body
    if encoding == .zstd { payload = try PlaneCoder().frame(body[...], byteCount: byteCount) }
    let object = StoredObject(kind: kind, payload: payload)
    guard object.id.digest == key.digest else { throw .wrongContent(key.digest) }
    return object
  }
}
