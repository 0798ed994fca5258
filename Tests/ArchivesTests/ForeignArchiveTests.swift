import Files
import Foundation
import TestSupport
import Testing

@testable import Archives

/// Archives between this program and the tools that others use; each is skipped where it is missing.
@Suite struct ForeignArchiveTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private static func tool(_ name: String) -> String? {
    ["/bin/", "/usr/bin/"].map { $0 + name }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private func run(_ tool: String, _ arguments: [String], in directory: Path) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.tool(tool)))
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory.text)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(tool) \(arguments)")
  }

  private func expectFiles(in directory: Path) throws {
    for (name, bytes) in ArchiveWriterTests.files {
      let file = directory.appending(name)
      #expect(try FileReader.contents(of: file, limit: 1 << 21) == bytes, "\(name)")
    }
  }

  @Test(
    .enabled(if: tool("tar") != nil && tool("zstd") != nil),
    arguments: [ArchiveFormat.tar, .tarZstd])
  func `tar reads what is written`(format: ArchiveFormat) throws {
    let path = folder.path.appending("a." + format.fileExtension)
    try ArchiveWriterTests.write(ArchiveWriterTests.files, to: path, as: format)
    let out = folder.path.appending("out")
    try out.createDirectories()
    let zstd = format == .tarZstd ? ["--zstd"] : []
    try run("tar", zstd + ["-xf", path.text], in: out)
    try expectFiles(in: out)
    #expect(FileManager.default.isExecutableFile(atPath: out.appending("empty").text))
  }

  @Test(.enabled(if: tool("unzip") != nil)) func `unzip reads what is written`() throws {
    let path = folder.path.appending("a.zip")
    try ArchiveWriterTests.write(ArchiveWriterTests.files, to: path, as: .zip)
    try run("unzip", ["-tqq", path.text], in: folder.path)
    let out = folder.path.appending("out")
    try out.createDirectories()
    try run("unzip", ["-qq", path.text], in: out)
    try expectFiles(in: out)
  }

  @Test(
    .enabled(if: tool("tar") != nil && tool("zip") != nil),
    arguments: [
      "tar -cf", "tar -czf", "tar -cJf", "tar -cjf", "tar --zstd -cf", "tar --format=ustar -cf",
      "tar --format=posix -cf", "tar --format=gnu -cf", "zip -qr", "zip -q0r",
    ])
  func `what tar and zip write is extracted`(command: String) throws {
    let source = folder.path.appending("source")
    // An old tar has no room for the longest name.
    let files = ArchiveWriterTests.files.dropLast(command.contains("ustar") ? 2 : 0)
    for (name, bytes) in files {
      let file = source.appending(name)
      try file.parent.createDirectories()
      try FileWriter.write(bytes, creating: file)
    }
    let words = command.split(separator: " ").map(String.init)
    let path = folder.path.appending("archive.zip")
    try run(words[0], words.dropFirst() + [path.text, "."], in: source)
    let out = folder.path.appending("out")
    let entries = try ArchiveExtraction(FileReader(path)).extract(into: out)
    #expect(entries.filter { !$0.name.isDirectory }.count == files.count)
    for (name, bytes) in files {
      #expect(try FileReader.contents(of: out.appending(name), limit: 1 << 21) == bytes, "\(name)")
    }
  }

  @Test func `a 7z is extracted`() throws {
    let base64 =
      "N3q8ryccAAOMK4oEVQAAAAAAAAAaAAAAAAAAAPpMIUngAAkAB10AMOsUgAAAAADgAEAAPl0AAIEzB64Pzt0HYQkqrtOqTJ"
      + "kVBl96bihGnrwdNcc3imOwKN/5JdMD+AnMO31i+6hGCuaK9xeB2RLjhrWkOAQAFwYPAQlGAAcLAQABISEBFgxBCgGT"
      + "E9xHAAA="
    let bytes = [UInt8](try #require(Data(base64Encoded: base64)))
    let out = folder.path.appending("out")
    let path = try folder.write(bytes)
    let entries = try ArchiveExtraction(FileReader(path)).extract(into: out)
    #expect(entries.map(\.name.text).sorted() == ["d/", "d/a"])
    let contents = try FileReader.contents(of: out.appending("d/a"), limit: 99)
    #expect(contents == Array("aaaaaaaaab".utf8))
  }
}
