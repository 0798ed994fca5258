import Files
import TestSupport
import Testing

@testable import Archives

/// Archives that are made to do harm: each is refused, and leaves nothing.
@Suite struct HostileArchiveTests {
  private let folder: TemporaryDirectory
  private let out: Path

  init() throws {
    folder = try TemporaryDirectory()
    out = folder.path.appending("sub/out")
    try out.parent.createDirectories()
  }

  private func extract(
    _ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits()
  ) throws -> [ArchiveEntry] {
    let path = try folder.write(bytes)
    return try ArchiveExtraction(FileReader(path), limits: limits).extract(into: out)
  }

  private func expectRefused(
    _ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits(), _ note: String
  ) throws {
    #expect(throws: ArchiveError.self, "\(note)") { try extract(bytes, limits: limits) }
    #expect(try folder.path.entryNames() == ["file", "sub"], "\(note)")
    #expect(try out.parent.entryNames() == [], "\(note)")
  }

  static let names = [
    "..", "../a", "../../a", "a/..", "a/../b", "a/../../b", "./../a", "././a", ".//a", "/", "/a",
    "//a", "/../a", "/etc/passwd", "a//b", "a/./b", "a/.", ".", "...///", "\\", "a\\b", "..\\a",
    "C:\\a", "\\\\host\\a", "a\rb", "a\nb", "a\tb", "\u{1B}[31ma", "a\u{7F}", "a\u{85}b",
    "a\u{9B}b",
    "\u{1}", "a/\u{1F}/b", " /../a", "../", "../../", "a/../", "/a/", "//",
    String(repeating: "n", count: 256), "d/" + String(repeating: "n", count: 256) + "/a",
    String(repeating: "é", count: 128), String(repeating: "d/", count: 64) + "a",
    String(repeating: "d2345678/", count: 500) + "a", String(repeating: "../", count: 2000) + "a",
    String(repeating: "a", count: 4097),
  ]

  @Test(arguments: names) func `a name that leads elsewhere is refused`(name: String) throws {
    var tar = TarBuilder()
    tar.add("first", [1])
    tar.add(name, [2])
    try expectRefused(tar.file, "tar")
    var extended = TarBuilder()
    extended.add(extendedName: name, [2])
    try expectRefused(extended.file, "pax")
    let zip = ZipBuilder([.init("first", [1]), .init(name, [2])])
    try expectRefused(zip.bytes(), "zip")
  }

  @Test func `a zero byte in a name is refused or ends it`() throws {
    try expectRefused(ZipBuilder([.init("a\u{0}b", [1])]).bytes(), "zip")
    try expectRefused(ZipBuilder([.init("a", [1]), .init("a\u{0}", [1])]).bytes(), "zip")
    // The fields of a tar end at a zero byte: this is a member named "a".
    var tar = TarBuilder()
    tar.add("a\u{0}/../../b", [1])
    #expect(try extract(tar.file).map(\.name.text) == ["a"])
  }

  static let kinds: [(type: Character, link: String)] = [
    ("1", "first"), ("1", "/etc/passwd"), ("1", "../first"), ("2", "first"), ("2", "/etc/passwd"),
    ("2", ".."), ("3", ""), ("4", ""), ("6", ""),
  ]

  @Test(arguments: kinds.indices)
  func `links, devices and pipes are refused`(index: Int) throws {
    var tar = TarBuilder()
    tar.add("first", [1])
    tar.add("second", type: Self.kinds[index].type, link: Self.kinds[index].link)
    try expectRefused(tar.file, "\(Self.kinds[index])")
  }

  @Test(arguments: [0o120777, 0o020666, 0o060666, 0o140777] as [UInt32])
  func `a zip's links, devices and sockets are refused`(mode: UInt32) throws {
    var member = ZipBuilder.Member("link", Array("/etc/passwd".utf8))
    member.externalAttributes = mode << 16
    let zip = ZipBuilder([.init("first", [1]), member])
    try expectRefused(zip.bytes(), String(mode, radix: 8))
  }

  static let sets: [[String]] = [
    ["a", "a"], ["a", "A"], ["a/b", "A/c"], ["a", "a/b"], ["a/b", "a"], ["a/", "a/"], ["a/", "A/"],
    ["a/", "a"], ["caf\u{E9}", "cafe\u{301}"], ["stra\u{DF}e", "STRASSE"], ["a/b/", "a/B"],
    ["\u{212A}", "k"],
  ]

  @Test(arguments: sets) func `names that are one on some systems are refused`(set: [String]) throws
  {
    var tar = TarBuilder()
    for name in set { tar.add(name, type: name.hasSuffix("/") ? "5" : "0") }
    try expectRefused(tar.file, "tar")
    try expectRefused(ZipBuilder(set.map { .init($0, []) }).bytes(), "zip")
  }

  @Test func `a name that is not UTF-8 is refused`() throws {
    var tar = TarBuilder()
    tar.add([0x61, 0xFF], [1])
    try expectRefused(tar.file, "tar")
  }

  @Test func `more than the limits allow is refused`() throws {
    var tar = TarBuilder()
    for number in 0..<4 { tar.add("\(number)", [UInt8](repeating: 0, count: 100)) }
    try expectRefused(tar.file, limits: ArchiveLimits(entryCount: 3), "members")
    try expectRefused(tar.file, limits: ArchiveLimits(byteCount: 399), "bytes")
    #expect(try extract(tar.file, limits: .init(entryCount: 4, byteCount: 400)).count == 4)
  }

  @Test(arguments: [ArchiveFormat.tarZstd, .tar])
  func `an archive that unpacks to far more than it is is refused`(format: ArchiveFormat) throws {
    let bomb = folder.path.appending("file")
    let archive = try ArchiveWriter(FileWriter(creating: bomb), format: format)
    let block = [UInt8](repeating: 0, count: 1 << 20)
    try archive.addFile(#require(MemberName("zeros")), byteCount: 8 << 20, modified: 0)
    for _ in 0..<8 { try archive.append(block) }
    try archive.finish()
    let limits = ArchiveLimits(ratio: 100, freeByteCount: 1 << 20)
    let extraction = ArchiveExtraction(try FileReader(bomb), limits: limits)
    if format == .tar {
      #expect(try extraction.extract(into: out).count == 1)
    } else {
      #expect(throws: ArchiveError.self) { try extraction.extract(into: out) }
      #expect(try out.parent.entryNames() == [])
    }
  }

  @Test func `an archive without members, or cut off, or none at all is refused`() throws {
    try expectRefused(TarBuilder().file, "empty tar")
    try expectRefused([], "empty file")
    try expectRefused(Array("not an archive".utf8), "text")
    try expectRefused([0x1F, 0x8B, 8, 0, 0, 0, 0, 0], "gzip")
    var tar = TarBuilder()
    tar.add("a", [UInt8](repeating: 7, count: 5000))
    try expectRefused(Array(tar.file[..<3000]), "cut off")
    tar.add(Array("b".utf8), [1], claimedByteCount: 0o77777777777)
    try expectRefused(tar.file, "size")
    var tops = TarBuilder()
    for _ in 0..<2 { tops.add("./", type: "5") }
    tops.add("a", [1])
    try expectRefused(tops.file, "top directory")
  }

  @Test func `what stands there is kept, and a stop leaves nothing`() throws {
    var tar = TarBuilder()
    tar.add("a", [1])
    let path = try folder.write(tar.file)
    let extraction = ArchiveExtraction(try FileReader(path))
    #expect(throws: ArchiveError.interrupted(path)) {
      try extraction.extract(into: out, shouldStop: { true })
    }
    #expect(try out.parent.entryNames() == [])
    try out.createDirectories()
    #expect(throws: ArchiveError.file(.exists(out))) { try extraction.extract(into: out) }
    #expect(try out.entryNames() == [])
  }

  @Test func `faulty archives are extracted or refused`() throws {
    var files: [[UInt8]] = []
    for format in ArchiveFormat.allCases {
      let path = folder.path.appending("seed")
      try ArchiveWriterTests.write(
        [("a", [1, 2, 3]), ("deep/b", [UInt8](repeating: 9, count: 700))], to: path, as: format)
      files.append(try FileReader.contents(of: path, limit: 1 << 20))
      try path.removeTree()
    }
    let seed: UInt64 = 0x5EED_A4C4
    for number in 0..<600 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed + number)
      let bytes = files[Int(number % 3)].mutated(by: &generator, donor: files[0])
      let start = ContinuousClock.now
      _ = try? extract(bytes, limits: .init(entryCount: 100, byteCount: 1 << 20))
      #expect(ContinuousClock.now - start < .seconds(5), "seed \(seed + number)")
      #expect(try folder.path.entryNames() == ["file", "sub"], "seed \(seed + number)")
      try out.removeTree()
      #expect(try out.parent.entryNames() == [], "seed \(seed + number)")
    }
  }
}
