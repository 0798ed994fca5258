import Files
import Foundation
import TestSupport
import Testing

@testable import Archives

@Suite struct ArchiveWriterTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// Names with directories, a long one, and one that is not ASCII; contents of many sizes.
  static let files: [(name: String, bytes: [UInt8])] = [
    ("adapter_config.json", Array("{}".utf8)), ("empty", []),
    ("deep/er/adapter_model.safetensors", (0..<1_300_000).map { UInt8(truncatingIfNeeded: $0) }),
    ("deep/é 日本", [0xFF]), (String(repeating: "n", count: 255), [1]),
    (String(repeating: "d23456789/", count: 30) + "leaf", [2, 3]),
  ]

  static func write(
    _ files: [(name: String, bytes: [UInt8])], to path: Path, as format: ArchiveFormat
  ) throws {
    let archive = try ArchiveWriter(FileWriter(creating: path), format: format)
    try archive.addDirectory(#require(MemberName("deep/")), modified: 1_700_000_000)
    for (name, bytes) in files {
      try archive.addFile(
        #require(MemberName(name)), byteCount: bytes.count, isExecutable: name == "empty",
        modified: 1_700_000_000)
      for start in stride(from: 0, to: bytes.count, by: 99_991) {
        try archive.append(Array(bytes[start..<min(bytes.count, start + 99_991)]))
      }
    }
    try archive.finish()
  }

  @Test(arguments: ArchiveFormat.allCases)
  func `what is written is extracted byte for byte`(format: ArchiveFormat) throws {
    let path = folder.path.appending("archive." + format.fileExtension)
    try Self.write(Self.files, to: path, as: format)
    let out = folder.path.appending("out")
    let entries = try ArchiveExtraction(FileReader(path)).extract(into: out)
    #expect(entries.map(\.name.text) == ["deep/"] + Self.files.map(\.name))
    for (name, bytes) in Self.files {
      #expect(try FileReader.contents(of: out.appending(name), limit: 1 << 21) == bytes, "\(name)")
    }
    #expect(try folder.path.entryNames() == ["archive." + format.fileExtension, "out"])
  }

  @Test(arguments: ArchiveFormat.allCases)
  func `the same members give the same bytes, without a trace of the machine`(
    format: ArchiveFormat
  ) throws {
    let paths = ["one", "two"].map(folder.path.appending)
    for path in paths { try Self.write(Self.files, to: path, as: format) }
    let contents = try paths.map { try FileReader.contents(of: $0, limit: 1 << 22) }
    #expect(contents[0] == contents[1])
    switch format {
    case .zip:
      // The first moment that a zip can name: midnight of 1 January 1980.
      #expect(contents[0][10..<14] == [0, 0, 0x21, 0])
    case .tar:
      let header = contents[0][..<512]
      #expect(header.starts(with: "deep/\0".utf8))
      #expect(header[100..<124] == Array("000755 \u{0}000000 \u{0}000000 \u{0}".utf8)[...])
      #expect(header[265..<329].allSatisfy { $0 == 0 })
      // Fields of a time, in octal: all of them the one given.
      #expect(header[136..<147] == Array(String(1_700_000_000, radix: 8).utf8)[...])
    case .tarZstd: #expect(contents[0].count < 400_000)
    }
  }

  @Test(arguments: ArchiveFormat.allCases)
  func `the archives of this version stay what they are`(format: ArchiveFormat) throws {
    let path = folder.path.appending("archive")
    try Self.write([("a", [1, 2, 3])], to: path, as: format)
    let bytes = try FileReader.contents(of: path, limit: 1 << 20)
    // A directory, a file of one block, and two blocks of zeros.
    if format == .tar { #expect(bytes.count == 512 + 512 + 512 + 1024) }
    if format == .zip { #expect(CRC32.of(bytes) != 0 && bytes.count < 400) }
    if format == .tarZstd { #expect(bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])) }
  }

  @Test func `a file is longer or shorter than announced`() throws {
    let name = try #require(MemberName("a"))
    for format in ArchiveFormat.allCases {
      let path = folder.path.appending("archive." + format.fileExtension)
      let archive = try ArchiveWriter(FileWriter(creating: path), format: format)
      try archive.addFile(name, byteCount: 2, modified: 0)
      try archive.append([1])
      #expect(throws: ArchiveError.cannotWrite(path, name, reason: "it is longer than announced")) {
        try archive.append([2, 3])
      }
      #expect(throws: ArchiveError.cannotWrite(path, name, reason: "it is shorter than announced"))
      {
        try archive.finish()
      }
    }
  }

  @Test func `members that are one on some systems are refused`() throws {
    let path = folder.path.appending("archive")
    let archive = try ArchiveWriter(FileWriter(creating: path), format: .tar)
    try archive.addFile(#require(MemberName("a/B")), byteCount: 0, modified: 0)
    for name in ["a/B", "a/b", "A/c", "a/B/c", "a"] {
      #expect(throws: ArchiveError.self, "\(name)") {
        try archive.addFile(#require(MemberName(name)), byteCount: 0, modified: 0)
      }
    }
  }

  @Test func `a file on the disk is added in blocks`() throws {
    let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 11) }
    let source = try folder.write(bytes, named: "source")
    let path = folder.path.appending("archive")
    let archive = try ArchiveWriter(FileWriter(creating: path), format: .tarZstd)
    try archive.addFile(#require(MemberName("a")), contentsOf: FileReader(source), modified: 0)
    try archive.finish()
    let out = folder.path.appending("out")
    _ = try ArchiveExtraction(FileReader(path)).extract(into: out)
    #expect(try FileReader.contents(of: out.appending("a"), limit: 1 << 22) == bytes)
  }

  @Test func `formats are known by their names`() {
    #expect(ArchiveFormat(fileName: "a.tar.zst") == .tarZstd)
    #expect(ArchiveFormat(fileName: "A.TZST") == .tarZstd)
    #expect(ArchiveFormat(fileName: "a.tar") == .tar)
    #expect(ArchiveFormat(fileName: "a.zip") == .zip)
    #expect(ArchiveFormat(fileName: "tar") == nil)
  }
}
