import Archives
import Files
import TestSupport
import Testing

@Suite struct ZipDirectoryTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func directory(_ zip: ZipBuilder) throws -> ZipDirectory {
    try ZipDirectory(reading: FileReader(folder.write(zip.bytes())))
  }

  private func refusal(_ zip: ZipBuilder) throws -> ArchiveError {
    try refusal(zip.bytes())
  }

  private func refusal(_ bytes: [UInt8]) throws -> ArchiveError {
    let reader = try FileReader(folder.write(bytes))
    return try #require(throws: ArchiveError.self) { try ZipDirectory(reading: reader) }
  }

  private static let two = ZipBuilder([
    .init("a/data.pkl", Array("pickle".utf8)), .init("a/data/0", [1, 2, 3, 4]),
  ])

  @Test func `stored members lie where they lie`() throws {
    for hasZip64End in [false, true] {
      var zip = Self.two
      zip.hasZip64End = hasZip64End
      let directory = try directory(zip)
      let name = try #require(MemberName("a/data/0"))
      let member = try directory.storedMember(name)
      #expect(directory.members.count == 2)
      let reader = try FileReader(folder.path.appending("file"))
      #expect(try reader.bytes(at: member.byteOffset, count: member.byteCount) == [1, 2, 3, 4])
    }
  }

  @Test func `a zip without members is refused, as libarchive does`() throws {
    _ = try refusal(ZipBuilder([]))
  }

  @Test func `a name that is not ASCII is the same to both readers`() throws {
    let directory = try directory(ZipBuilder([.init("größe/模型", [7])]))
    #expect(directory.members.map(\.name.text) == ["größe/模型"])
  }

  @Test func `a missing member and a compressed one are told apart`() throws {
    var zip = Self.two
    zip.members[1].method = 8
    // The deflate stream of "x".
    zip.members[1].data = [0xAB, 0x00, 0x00]
    zip.members[1].byteCount = 1
    zip.members[1].checksum = CRC32.of([UInt8(ascii: "x")])
    let directory = try directory(zip)
    let name = try #require(MemberName("a/data/0"))
    let other = try #require(MemberName("a/data/1"))
    let path = folder.path.appending("file")
    #expect(throws: ArchiveError.compressed(path, member: name)) {
      try directory.storedMember(name)
    }
    #expect(throws: ArchiveError.missingMember(path, other)) { try directory.storedMember(other) }
  }

  @Test(arguments: ["/etc/passwd", "../a", "a/../b", "a//b", "./a", "a\\b", "a\u{7}"])
  func `a name that leads out of the archive is refused`(name: String) throws {
    let error = try refusal(ZipBuilder([.init(name, [1])]))
    #expect(error == .unsafeName(folder.path.appending("file"), member: name))
  }

  @Test func `an encrypted member is refused`() throws {
    for flag in [0, 6, 13] {
      var zip = Self.two
      zip.members[1].flags |= 1 << UInt16(flag)
      #expect(try refusal(zip) == .encrypted(folder.path.appending("file"), member: "a/data/0"))
    }
  }

  @Test func `a link is refused`() throws {
    var zip = Self.two
    zip.members[1].externalAttributes = 0o120777 << 16
    guard case .notAFile = try refusal(zip) else { return #expect(Bool(false)) }
  }

  @Test func `overlapping and repeated members are refused`() throws {
    var zip = Self.two
    zip.members[1].headerOffset = 0
    guard case .overlappingMembers = try refusal(zip) else { return #expect(Bool(false)) }
    zip = Self.two
    zip.members[1].name = "a/data.pkl"
    guard case .duplicateMember = try refusal(zip) else { return #expect(Bool(false)) }
  }

  static let lies: [(what: String, change: @Sendable (inout ZipBuilder) -> Void)] = [
    ("another name in the local header", { $0.members[1].localName = "a/data/1" }),
    ("a comment", { $0.comment = Array("PK".utf8) }),
    ("too few entries", { $0.entryCount = 1 }),
    ("too many entries", { $0.entryCount = 3 }),
    ("very many entries", { $0.entryCount = 0xFFFF }),
    ("a directory elsewhere", { $0.directoryOffset = 0 }),
    ("a directory beyond the file", { $0.directoryOffset = 0x7FFF_FFFF }),
    ("a size that needs ZIP64 but has none", { $0.members[1].byteCount = 0xFFFF_FFFF }),
    ("two sizes of a stored member", { $0.members[1].byteCount = 5 }),
    (
      "bytes beyond the file",
      {
        $0.members[1].byteCount = 0x7000_0000
        $0.members[1].compressedByteCount = 0x7000_0000
      }
    ),
    (
      "a ZIP64 size beyond any file",
      {
        $0.members[1].byteCount = 0xFFFF_FFFF
        $0.members[1].compressedByteCount = 0xFFFF_FFFF
        $0.members[1].extra = [1, 0, 16, 0] + [UInt8](repeating: 0xFF, count: 16)
      }
    ),
    (
      "a ZIP64 size of almost everything",
      {
        $0.members[1].byteCount = 0xFFFF_FFFF
        $0.members[1].compressedByteCount = 0xFFFF_FFFF
        let size: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]
        $0.members[1].extra = [1, 0, 16, 0] + size + size
      }
    ),
    (
      "two ZIP64 fields",
      { $0.members[1].extra = [1, 0, 0, 0, 1, 0, 0, 0] }
    ),
    ("an extra field that is cut off", { $0.members[1].extra = [9, 9, 40, 0] }),
    ("ZIP64 that counts otherwise", { ($0.hasZip64End, $0.zip64EntryCount) = (true, 1) }),
    (
      "ZIP64 that counts without end",
      { ($0.hasZip64End, $0.zip64EntryCount, $0.entryCount) = (true, .max, 0xFFFF) }
    ),
    (
      "ZIP64 that points elsewhere",
      {
        ($0.hasZip64End, $0.zip64DirectoryOffset, $0.directoryOffset) = (true, 1 << 62, 0xFFFF_FFFF)
      }
    ),
  ]

  @Test(arguments: lies.indices)
  func `a zip that contradicts itself is refused`(index: Int) throws {
    var zip = Self.two
    Self.lies[index].change(&zip)
    let reader = try FileReader(folder.write(zip.bytes()))
    #expect(throws: ArchiveError.self, "\(Self.lies[index].what)") {
      try ZipDirectory(reading: reader)
    }
  }

  @Test func `a zip cut off anywhere is refused`() throws {
    let whole = Self.two.bytes()
    for count in whole.indices { _ = try refusal(Array(whole[..<count])) }
  }

  @Test func `bytes before or behind the zip are refused`() throws {
    _ = try refusal([0] + Self.two.bytes())
    _ = try refusal(Self.two.bytes() + [0])
    _ = try refusal(Self.two.bytes() + Self.two.bytes())
  }
}
