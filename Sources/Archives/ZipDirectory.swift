public import Files

/// Where the members of a zip lie in its file, for reading them in place.
///
/// The rules are narrower than the format: everything stands in exactly one place, so that no other
/// reader can see other members. One end record at the very end of the file without a comment, the
/// ZIP64 records directly before it, the central directory directly before those, each local header
/// in agreement with its central entry, no two members over the same bytes, one disk, nothing
/// encrypted. (APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT)
public struct ZipDirectory: Sendable {
  /// A file in the zip.
  public struct Member: Hashable, Sendable {
    /// The name.
    public let name: MemberName
    /// Where its bytes start, counted from the start of the file.
    public let byteOffset: Int
    /// The size of its contents, in bytes.
    public let byteCount: Int
    /// Whether its bytes lie in the file as they are.
    public let isStored: Bool
  }

  /// The members, in the order of their bytes; directories are left out.
  public let members: [Member]
  private let path: Path
  private let indices: [MemberName: Int]

  /// Reads the central directory of `reader` and the local header of every member, and compares
  /// both with what libarchive sees.
  public init(reading reader: FileReader) throws(ArchiveError) {
    let tail = try ZipTail(reading: reader)
    let entries = try ZipCentralDirectory(reading: reader, tail: tail).entries
    var indices: [MemberName: Int] = [:]
    var members: [Member] = []
    var previous: (name: MemberName, end: Int)?
    for entry in entries.sorted(by: { $0.headerOffset < $1.headerOffset }) {
      if let previous, entry.headerOffset < previous.end {
        throw .overlappingMembers(reader.path, previous.name, entry.name)
      }
      let offset = try entry.dataOffset(in: reader, before: tail.directoryOffset)
      previous = (entry.name, offset + entry.compressedByteCount)
      guard indices.updateValue(members.count, forKey: entry.name) == nil else {
        throw .duplicateMember(reader.path, member: entry.name)
      }
      members.append(
        Member(
          name: entry.name,
          byteOffset: offset,
          byteCount: entry.byteCount,
          isStored: entry.isStored
        )
      )
    }
    path = reader.path
    self.members = members.filter { !$0.name.isDirectory }
    self.indices = Dictionary(
      uniqueKeysWithValues: self.members.enumerated().map { ($1.name, $0) }
    )
    try compare(
      members,
      with: ArchiveReader(reader).entries(limit: members.count)
    )
  }

  /// The member of this name, whose bytes lie in the file as they are.
  public func storedMember(_ name: MemberName) throws(ArchiveError) -> Member {
    guard let index = indices[name] else { throw .missingMember(path, name) }
    guard members[index].isStored else { throw .compressed(path, member: name) }
    return members[index]
  }

  private func compare(
    _ members: [Member],
    with entries: [ArchiveEntry]
  ) throws(ArchiveError) {
    guard entries.count == members.count else {
      throw .ambiguous(
        path,
        rule: "has \(members.count) or \(entries.count) members, depending on the reader"
      )
    }
    for (member, entry) in zip(members, entries)
    where member.name != entry.name || member.byteCount != entry.byteCount {
      throw .ambiguous(
        path,
        rule: "has the member \(member.name) of \(member.byteCount) bytes or \(entry.name) of "
          + "\(entry.byteCount), depending on the reader"
      )
    }
  }
}
