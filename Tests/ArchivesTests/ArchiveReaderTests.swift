import Archives
import Files
import TestSupport
import Testing

@Suite struct ArchiveReaderTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func archive(_ zip: ZipBuilder) throws -> ArchiveReader {
    ArchiveReader(try FileReader(folder.write(zip.bytes())))
  }

  private static func name(_ text: String) throws -> MemberName { try #require(MemberName(text)) }

  @Test func `members are listed and read`() throws {
    // Longer than the buffer that reading goes through.
    let long = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let archive = try archive(
      ZipBuilder([.init("a/", []), .init("a/b", [1, 2]), .init("a/c", long), .init("a/d", [])])
    )
    let entries = try archive.entries(limit: 4)
    #expect(entries.map(\.name.text) == ["a/", "a/b", "a/c", "a/d"])
    #expect(entries.map(\.byteCount) == [0, 2, long.count, 0])
    #expect(try archive.bytes(of: Self.name("a/c"), limit: long.count) == long)
    #expect(try archive.bytes(of: Self.name("a/d"), limit: 0) == [])
  }

  @Test func `a member over the limit is not read`() throws {
    let archive = try archive(ZipBuilder([.init("a", [1, 2, 3])]))
    #expect(
      throws: ArchiveError.memberTooLarge(
        folder.path.appending("file"),
        try Self.name("a"),
        limit: 2
      )
    ) { try archive.bytes(of: Self.name("a"), limit: 2) }
  }

  @Test func `more members than allowed are not listed`() throws {
    let archive = try archive(ZipBuilder([.init("a", [1]), .init("b", [2])]))
    #expect(throws: ArchiveError.self) { try archive.entries(limit: 1) }
  }

  @Test func `a member that is not there is missing`() throws {
    let archive = try archive(ZipBuilder([.init("a", [1])]))
    #expect(
      throws: ArchiveError.missingMember(folder.path.appending("file"), try Self.name("b"))
    ) { try archive.bytes(of: Self.name("b"), limit: 1) }
  }

  @Test func `a wrong checksum is found`() throws {
    var zip = ZipBuilder([.init("a", [1, 2, 3])])
    zip.members[0].checksum = 1
    let archive = try archive(zip)
    #expect {
      try archive.bytes(of: Self.name("a"), limit: 3)
    } throws: { error in
      guard case ArchiveError.unreadable(_, _, let reason) = error else { return false }
      return reason.contains("CRC")
    }
  }

  @Test func `a compressed member never grows beyond what it announced`() throws {
    var member = ZipBuilder.Member("a", [0xAB, 0x00, 0x00])
    (member.method, member.byteCount) = (8, 1)
    member.checksum = CRC32.of([UInt8(ascii: "x")])
    #expect(try archive(ZipBuilder([member])).bytes(of: Self.name("a"), limit: 1) == [0x78])
    // The deflate stream of a million zeros, announced as one byte.
    member.data = [0xED, 0xC1, 0x01, 0x0D, 0x00, 0x00, 0x00, 0xC2, 0xA0, 0xF7, 0x4F, 0x6D, 0x0E]
    let bomb = try archive(ZipBuilder([member]))
    #expect(throws: ArchiveError.self) { try bomb.bytes(of: Self.name("a"), limit: 1) }
  }

  @Test func `a file that is no zip is refused`() throws {
    for bytes in [[], Array("PK\u{3}\u{4}".utf8), [UInt8](repeating: 0, count: 100_000)] {
      let archive = ArchiveReader(try FileReader(folder.write(bytes)))
      #expect(throws: ArchiveError.self) { try archive.entries(limit: 1) }
    }
  }

  @Test func `faulty zips are read or refused`() throws {
    let zip = ZipBuilder([
      .init("a/data.pkl", [UInt8](0..<200)), .init("a/b", [UInt8](repeating: 0, count: 100)),
      .init("a/c", []),
    ])
    let file = zip.bytes()
    let clock = ContinuousClock()
    for seed in 0..<2_000 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let bytes = file.mutated(by: &generator, donor: file)
      let start = clock.now
      let reader = try FileReader(folder.write(bytes))
      _ = try? ArchiveReader(reader).entries(limit: 10)
      _ = try? ArchiveReader(reader).bytes(of: Self.name("a/data.pkl"), limit: 1_000)
      for member in (try? ZipDirectory(reading: reader))?.members ?? [] {
        #expect(member.byteOffset + member.byteCount <= bytes.count, "seed \(seed)")
      }
      #expect(clock.now - start < .seconds(1), "seed \(seed)")
    }
  }
}
