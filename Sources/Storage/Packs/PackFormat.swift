internal import Digests

/// The fixed sizes of packs; see FORMAT.md, section 4.
enum PackFormat {
  static let header = Array("ADPK".utf8) + [1, 0, 0, 0]
  static let endMark = Array("ADPX".utf8)
  static let fanoutByteCount = 256 * 4
  static let entryByteCount = 56
  static let trailerByteCount = 8 + 8 + 4 + 4 + Digest.byteCount
  /// What a pack takes besides its records and their entries.
  static let frameByteCount = header.count + fanoutByteCount + trailerByteCount
  static let checkByteCount = 8
  static let maximumByteCount = 2 << 30
  static let maximumEntryCount = 1 << 24
  /// Where a writer starts another pack.
  static let softByteCount = 512 << 20
  /// How many parents may stand behind one another, and at how many a writer stops.
  static let maximumDepth = 16
  static let writtenDepth = 8

  /// The first bytes of a record's digest.
  static func check(of record: [UInt8]) -> [UInt8] {
    Array(BLAKE3.digest(of: record).bytes.prefix(checkByteCount))
  }
}
