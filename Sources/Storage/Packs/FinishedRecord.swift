/// A record as it goes into a pack.
struct FinishedRecord: Sendable {
  let key: StoredKey
  let bytes: [UInt8]
  /// How many parents stand behind it.
  let depth: Int
  /// The first bytes of its digest.
  let check: [UInt8]

  init(_ bytes: [UInt8], key: StoredKey, depth: Int) {
    self.key = key
    self.bytes = bytes
    self.depth = depth
    check = PackFormat.check(of: bytes)
  }

  init(_ record: PackRecord, depth: Int) {
    self.init(record.bytes, key: record.key, depth: depth)
  }
}
