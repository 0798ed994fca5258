/// Writes zips, right or wrong in any one number.
public struct ZipBuilder: Sendable {
  /// A member, with what each of its two headers claims.
  public struct Member: Sendable {
    /// The name in the central directory.
    public var name: String
    /// The name in the local header, where it differs.
    public var localName: String?
    /// The bytes that are written.
    public var data: [UInt8]
    /// The compression method; the data are taken as they are.
    public var method: UInt16 = 0
    /// The general purpose flags.
    public var flags: UInt16 = 0x800
    /// The claimed checksum; the right one where there is none.
    public var checksum: UInt32?
    /// The claimed size; the right one where there is none.
    public var byteCount: UInt32?
    /// The claimed size in the file; the right one where there is none.
    public var compressedByteCount: UInt32?
    /// The claimed place of the local header; the right one where there is none.
    public var headerOffset: UInt32?
    /// The extra fields of both headers.
    public var extra: [UInt8] = []
    /// The Unix mode, in the upper half.
    public var externalAttributes: UInt32 = 0

    /// A member that claims what is true.
    public init(_ name: String, _ data: [UInt8]) {
      self.name = name
      self.data = data
    }
  }

  /// The members, in the order of their bytes.
  public var members: [Member]
  /// The archive's comment.
  public var comment: [UInt8] = []
  /// The claimed number of members; the right one where there is none.
  public var entryCount: UInt16?
  /// The claimed place of the central directory; the right one where there is none.
  public var directoryOffset: UInt32?
  /// Whether the ZIP64 end records are written.
  public var hasZip64End = false
  /// As `entryCount`, in the ZIP64 record.
  public var zip64EntryCount: UInt64?
  /// As `directoryOffset`, in the ZIP64 record.
  public var zip64DirectoryOffset: UInt64?

  /// A zip that claims what is true.
  public init(_ members: [Member]) { self.members = members }

  /// Takes a right zip of stored members, as `torch.save` writes it, without ZIP64 sizes.
  public init(reading zip: [UInt8]) {
    func field(_ offset: Int, _ width: Int) -> Int {
      zip[offset..<offset + width].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let end = zip.count - 22
    members = []
    var entry = field(end + 16, 4)
    for _ in 0..<field(end + 10, 2) {
      let header = field(entry + 42, 4)
      let start = header + 30 + field(header + 26, 2) + field(header + 28, 2)
      let nameCount = field(entry + 28, 2)
      let name = String(decoding: zip[entry + 46..<entry + 46 + nameCount], as: UTF8.self)
      members.append(Member(name, Array(zip[start..<start + field(entry + 24, 4)])))
      entry += 46 + nameCount + field(entry + 30, 2) + field(entry + 32, 2)
    }
  }

  /// The zip.
  public func bytes() -> [UInt8] {
    var zip: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let offset = member.headerOffset ?? UInt32(zip.count)
      let sizes =
        le(member.checksum ?? CRC32.of(member.data))
        + le(member.compressedByteCount ?? UInt32(member.data.count))
        + le(member.byteCount ?? UInt32(member.data.count))
      let head = le(member.flags) + le(member.method) + le(UInt32(0)) + sizes
      let local = Array((member.localName ?? member.name).utf8)
      zip += le(UInt32(0x0403_4B50)) + le(UInt16(45)) + head
      zip += le(UInt16(local.count)) + le(UInt16(member.extra.count)) + local + member.extra
      zip += member.data
      let name = Array(member.name.utf8)
      directory += le(UInt32(0x0201_4B50)) + le(UInt16(3 << 8 | 45)) + le(UInt16(45)) + head
      directory += le(UInt16(name.count)) + le(UInt16(member.extra.count)) + le(UInt16(0))
      directory += le(UInt16(0)) + le(UInt16(0)) + le(member.externalAttributes) + le(offset)
      directory += name + member.extra
    }
    let start = zip.count
    zip += directory
    let count = entryCount ?? UInt16(members.count)
    if hasZip64End {
      let record = zip.count
      let wideCount = zip64EntryCount ?? UInt64(members.count)
      zip += le(UInt32(0x0606_4B50)) + le(UInt64(44)) + le(UInt16(45)) + le(UInt16(45))
      zip += le(UInt32(0)) + le(UInt32(0)) + le(wideCount) + le(wideCount)
      zip += le(UInt64(directory.count)) + le(zip64DirectoryOffset ?? UInt64(start))
      zip += le(UInt32(0x0706_4B50)) + le(UInt32(0)) + le(UInt64(record)) + le(UInt32(1))
    }
    zip += le(UInt32(0x0605_4B50)) + le(UInt32(0)) + le(count) + le(count)
    zip += le(UInt32(directory.count)) + le(directoryOffset ?? UInt32(start))
    return zip + le(UInt16(comment.count)) + comment
  }

  private func le<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
