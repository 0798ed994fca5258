internal import Files

/// What the end of a zip says about its central directory.
struct ZipTail {
  /// Where the central directory starts.
  let directoryOffset: Int
  /// How many bytes it fills.
  let directoryByteCount: Int
  /// How many entries it has.
  let entryCount: Int

  static let endByteCount = 22
  static let locatorByteCount = 20
  static let zip64EndByteCount = 56

  init(reading reader: FileReader) throws(ArchiveError) {
    func broken(_ rule: String) -> ArchiveError { .malformed(reader.path, rule: rule) }
    guard reader.byteCount >= Self.endByteCount else {
      throw broken("is too short for a zip")
    }
    let tailByteCount = min(
      reader.byteCount,
      Self.zip64EndByteCount + Self.locatorByteCount + Self.endByteCount
    )
    let tail = LittleEndianBytes(try read(reader, reader.byteCount - tailByteCount, tailByteCount))
    let end = tail.count - Self.endByteCount
    func field(_ offset: Int, _ width: Int) throws(ArchiveError) -> Int {
      guard let value = tail.field(at: offset, width: width) else {
        throw broken("has a zip end record with a number beyond any file")
      }
      return value
    }
    guard try field(end, 4) == 0x0605_4B50, try field(end + 20, 2) == 0 else {
      throw broken("does not end with a zip end record: it is cut off, or something follows it")
    }
    var directoryEnd = reader.byteCount - Self.endByteCount
    var entries = (disk: try field(end + 8, 2), all: try field(end + 10, 2))
    var byteCount = try field(end + 12, 4)
    var offset = try field(end + 16, 4)
    var disks = (own: try field(end + 4, 2), first: try field(end + 6, 2))

    let locator = end - Self.locatorByteCount
    if locator >= 0, try field(locator, 4) == 0x0706_4B50 {
      let record = locator - Self.zip64EndByteCount
      directoryEnd -= Self.locatorByteCount + Self.zip64EndByteCount
      guard record >= 0, try field(record, 4) == 0x0606_4B50, try field(record + 4, 8) == 44,
        try field(locator + 8, 8) == directoryEnd, try field(locator + 4, 4) == 0,
        try field(locator + 16, 4) <= 1
      else { throw broken("has a ZIP64 locator that does not point at the record before it") }
      let wide = (
        disk: try field(record + 24, 8), all: try field(record + 32, 8),
        byteCount: try field(record + 40, 8), offset: try field(record + 48, 8)
      )
      // The narrow fields either say the same or say that they cannot.
      guard entries.disk == 0xFFFF || entries.disk == wide.disk,
        entries.all == 0xFFFF || entries.all == wide.all,
        byteCount == 0xFFFF_FFFF || byteCount == wide.byteCount,
        offset == 0xFFFF_FFFF || offset == wide.offset
      else { throw broken("has a ZIP64 end record that contradicts the end record") }
      entries = (wide.disk, wide.all)
      (byteCount, offset) = (wide.byteCount, wide.offset)
      if disks.own == 0xFFFF { disks.own = try field(record + 16, 4) }
      if disks.first == 0xFFFF { disks.first = try field(record + 20, 4) }
    }
    guard disks == (0, 0), entries.disk == entries.all else {
      throw broken("is one part of a zip that spans several disks")
    }
    let (stated, overflow) = offset.addingReportingOverflow(byteCount)
    guard !overflow, stated == directoryEnd else {
      throw broken("has a central directory that does not end where the end records start")
    }
    directoryOffset = offset
    directoryByteCount = byteCount
    entryCount = entries.all
  }
}

/// Reads a range of the file, as this room's error.
func read(_ reader: FileReader, _ offset: Int, _ count: Int) throws(ArchiveError) -> [UInt8] {
  do { return try reader.bytes(at: offset, count: count) } catch { throw .file(error) }
}
