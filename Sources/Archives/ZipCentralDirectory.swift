internal import Files

/// The central directory of a zip: what it says of each member.
struct ZipCentralDirectory {
  private(set) var entries: [ZipEntry] = []

  static let entryByteCount = 46
  /// Most members a zip may have; a checkpoint has one for each tensor.
  static let entryLimit = 1 << 18
  /// The largest directory that is read.
  static let byteLimit = entryLimit * 256

  init(reading reader: FileReader, tail: ZipTail) throws(ArchiveError) {
    func broken(_ rule: String) -> ArchiveError { .malformed(reader.path, rule: rule) }
    guard tail.directoryByteCount <= Self.byteLimit else {
      throw broken("has a central directory of more than \(Self.byteLimit) bytes")
    }
    guard tail.entryCount <= Self.entryLimit else {
      throw broken("has more than \(Self.entryLimit) members")
    }
    guard tail.entryCount <= tail.directoryByteCount / Self.entryByteCount else {
      throw broken("announces \(tail.entryCount) members, more than its directory has room for")
    }
    let bytes = LittleEndianBytes(
      try read(reader, tail.directoryOffset, tail.directoryByteCount)
    )
    entries.reserveCapacity(tail.entryCount)
    var offset = 0
    for _ in 0..<tail.entryCount {
      guard let nameByteCount = bytes.field(at: offset + 28, width: 2),
        let extraByteCount = bytes.field(at: offset + 30, width: 2),
        let commentByteCount = bytes.field(at: offset + 32, width: 2),
        let record = bytes.slice(
          at: offset,
          count: Self.entryByteCount + nameByteCount + extraByteCount + commentByteCount
        )
      else { throw broken("has a central directory that is cut off") }
      entries.append(
        try ZipEntry(
          central: LittleEndianBytes(Array(record)),
          nameByteCount: nameByteCount,
          extraByteCount: extraByteCount,
          path: reader.path
        )
      )
      offset += record.count
    }
    guard offset == bytes.count else {
      throw broken("has \(bytes.count - offset) bytes behind the entries of its directory")
    }
  }
}
