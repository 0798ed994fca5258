internal import Files

/// One entry of a zip's central directory.
struct ZipEntry {
  let name: MemberName
  let headerOffset: Int
  let compressedByteCount: Int
  let byteCount: Int
  var isStored: Bool { method == 0 }

  private let method: Int
  private let flags: Int
  private let checksum: Int
  private let nameBytes: [UInt8]

  private static let localHeaderByteCount = 30
  /// The sizes and the checksum follow the data; the local header has zeros.
  private static let hasDataDescriptor = 1 << 3

  /// Takes one record of the central directory, whole.
  init(
    central record: LittleEndianBytes,
    nameByteCount: Int,
    extraByteCount: Int,
    path: Path
  ) throws(ArchiveError) {
    func field(_ offset: Int, _ width: Int) -> Int { record.field(at: offset, width: width) ?? -1 }
    let nameOffset = ZipCentralDirectory.entryByteCount
    guard field(0, 4) == 0x0201_4B50,
      let nameSlice = record.slice(at: nameOffset, count: nameByteCount),
      let extra = record.slice(at: nameOffset + nameByteCount, count: extraByteCount)
    else { throw .malformed(path, rule: "has a central directory entry without its signature") }
    nameBytes = Array(nameSlice)
    guard let text = String(validating: nameBytes, as: UTF8.self) else {
      throw .malformed(path, rule: "has a member whose name is not UTF-8")
    }
    flags = field(8, 2)
    method = field(10, 2)
    checksum = field(16, 4)
    // Bits 0, 6 and 13: encrypted, strongly encrypted, local header masked.
    guard flags & (1 << 0 | 1 << 6 | 1 << 13) == 0 else { throw .encrypted(path, member: text) }
    guard let name = MemberName(text) else { throw .unsafeName(path, member: text) }
    self.name = name

    var sizes = ZipSizes(
      byteCount: field(24, 4),
      compressedByteCount: field(20, 4),
      headerOffset: field(42, 4),
      disk: field(34, 2)
    )
    guard sizes.widen(by: Array(extra)), sizes.disk == 0 else {
      throw .malformed(path, rule: "has the member \(name) without valid ZIP64 sizes")
    }
    byteCount = sizes.byteCount
    compressedByteCount = sizes.compressedByteCount
    headerOffset = sizes.headerOffset
    guard method != 0 || byteCount == compressedByteCount, !name.isDirectory || byteCount == 0
    else {
      throw .malformed(path, rule: "has the member \(name), whose two sizes contradict each other")
    }
  }

  /// Where the data start, after checking that the local header agrees and that the data end before
  /// the central directory.
  func dataOffset(in reader: FileReader, before limit: Int) throws(ArchiveError) -> Int {
    func broken(_ rule: String) -> ArchiveError {
      .malformed(reader.path, rule: "has the member \(name), \(rule)")
    }
    let fixed = Self.localHeaderByteCount
    guard headerOffset <= limit - fixed - nameBytes.count else {
      throw broken("whose local header lies outside the file")
    }
    let header = LittleEndianBytes(try read(reader, headerOffset, fixed + nameBytes.count))
    func field(_ offset: Int, _ width: Int) -> Int { header.field(at: offset, width: width) ?? -1 }
    guard field(0, 4) == 0x0403_4B50 else { throw broken("whose local header has no signature") }
    guard field(6, 2) == flags, field(8, 2) == method, field(26, 2) == nameBytes.count,
      header.slice(at: fixed, count: nameBytes.count) == nameBytes[...]
    else { throw broken("whose local header contradicts the central directory") }
    let extraOffset = headerOffset + fixed + nameBytes.count
    let dataOffset = extraOffset + field(28, 2)
    guard dataOffset <= limit, compressedByteCount <= limit - dataOffset else {
      throw broken("whose bytes lie outside the file")
    }
    var sizes = ZipSizes(
      byteCount: field(22, 4),
      compressedByteCount: field(18, 4),
      headerOffset: 0,
      disk: 0
    )
    guard sizes.widen(by: try read(reader, extraOffset, field(28, 2))) else {
      throw broken("whose local header has no valid ZIP64 sizes")
    }
    let isDeferred = flags & Self.hasDataDescriptor != 0
    guard agrees(sizes.byteCount, byteCount, orZero: isDeferred),
      agrees(sizes.compressedByteCount, compressedByteCount, orZero: isDeferred),
      agrees(field(14, 4), checksum, orZero: isDeferred)
    else { throw broken("whose local header contradicts the central directory") }
    return dataOffset
  }

  private func agrees(_ local: Int, _ central: Int, orZero: Bool) -> Bool {
    local == central || (orZero && local == 0)
  }
}
