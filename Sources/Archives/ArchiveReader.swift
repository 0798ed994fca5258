public import Files

/// A member of an archive: its name and the size of its bytes once decompressed.
public struct ArchiveEntry: Hashable, Sendable {
  /// The name.
  public let name: MemberName
  /// The size of the contents, in bytes.
  public let byteCount: Int
}

/// The members of a zip, as libarchive sees them.
///
/// Every method walks the archive anew, with one small buffer; nothing is unpacked to the disk.
/// Encrypted members, links and names that lead out of the archive are refused.
public struct ArchiveReader: Sendable {
  private let reader: FileReader

  /// Takes an open file, which is read when members are asked for.
  public init(_ reader: FileReader) {
    self.reader = reader
  }

  /// The members in the order of their bytes; refused where there are more than `limit`.
  public func entries(limit: Int) throws(ArchiveError) -> [ArchiveEntry] {
    let handle = try ArchiveHandle(reader)
    var entries: [ArchiveEntry] = []
    while let entry = try handle.nextEntry() {
      guard entries.count < limit else {
        throw .malformed(reader.path, rule: "has more than \(limit) members")
      }
      entries.append(entry)
    }
    return entries
  }

  /// The contents of one member, checked against its checksum.
  ///
  /// The buffer grows with the bytes that arrive, never by the announced size alone.
  public func bytes(of name: MemberName, limit: Int) throws(ArchiveError) -> [UInt8] {
    let handle = try ArchiveHandle(reader)
    while let entry = try handle.nextEntry() {
      guard entry.name == name else { continue }
      guard entry.byteCount <= limit else {
        throw .memberTooLarge(reader.path, name, limit: limit)
      }
      return try contents(of: entry, handle)
    }
    throw .missingMember(reader.path, name)
  }

  private func contents(
    of entry: ArchiveEntry,
    _ handle: ArchiveHandle
  ) throws(ArchiveError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(entry.byteCount, reader.byteCount))
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var span = block.mutableSpan
      let count = try handle.readData(of: entry.name, into: &span)
      if count == 0 { break }
      guard count <= entry.byteCount - bytes.count else {
        throw .unreadable(reader.path, entry.name, reason: "it is longer than announced")
      }
      bytes += block[..<count]
    }
    guard bytes.count == entry.byteCount else {
      throw .unreadable(reader.path, entry.name, reason: "it is shorter than announced")
    }
    return bytes
  }
}
