internal import Digests

/// Where a record is in its pack.
struct PackEntry: Hashable, Sendable {
  let key: StoredKey
  /// How many parents stand behind it.
  let depth: Int
  let offset: Int
  let byteCount: Int
  let check: [UInt8]

  /// The 56 bytes of a footer's entry.
  var bytes: [UInt8] {
    var bytes = key.bytes + [UInt8(depth), 0, 0]
    bytes.append(littleEndian: UInt32(byteCount))
    bytes.append(littleEndian: UInt64(offset))
    return bytes + check
  }

  init(key: StoredKey, depth: Int, offset: Int, byteCount: Int, check: [UInt8]) {
    self.key = key
    self.depth = depth
    self.offset = offset
    self.byteCount = byteCount
    self.check = check
  }

  /// Reads an entry; throws where it breaks a rule that can be seen in it alone.
  init(_ reader: inout ByteReader) throws(StorageError) {
    let rule = "an entry that cannot be"
    guard let digest = Digest(bytes: Array(try reader.next(Digest.byteCount))),
      let space = StoredKey.Space(rawValue: try reader.byte())
    else { throw .malformedEncoding(rule: rule) }
    key = StoredKey(digest: digest, space: space)
    depth = Int(try reader.byte())
    let zero = try reader.uint16()
    byteCount = Int(try reader.uint32())
    let offset = try reader.uint64()
    guard zero == 0, depth <= PackFormat.maximumDepth, offset <= UInt64(PackFormat.maximumByteCount)
    else { throw .malformedEncoding(rule: rule) }
    self.offset = Int(offset)
    check = Array(try reader.next(PackFormat.checkByteCount))
  }
}
