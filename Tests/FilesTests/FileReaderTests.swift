import Files
import Foundation
import TestSupport
import Testing

@Suite struct FileReaderTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  @Test func `ranges are read from anywhere in the file`() throws {
    let reader = try FileReader(folder.write([0, 1, 2, 3, 4]))
    #expect(reader.byteCount == 5)
    #expect(try reader.bytes(at: 1, count: 3) == [1, 2, 3])
    #expect(try reader.bytes(at: 5, count: 0) == [])
    reader.willNeed(at: 0, count: 5)
  }

  @Test(arguments: [
    (0, 6), (5, 1), (6, 0), (-1, 1), (0, -1), (.max, 1), (1, .max), (.max, .max), (.min, .max),
  ])
  func `a range outside the file is refused before it is allocated`(
    offset: Int,
    count: Int
  ) throws {
    let path = try folder.write([0, 1, 2, 3, 4])
    let reader = try FileReader(path)
    #expect(throws: FileError.truncated(path, offset: offset, wanted: count)) {
      try reader.bytes(at: offset, count: count)
    }
  }

  @Test func `a file that shrinks while it is open is truncated, not a crash`() throws {
    let path = try folder.write([UInt8](repeating: 7, count: 10_000))
    let reader = try FileReader(path)
    let handle = try #require(FileHandle(forWritingAtPath: path.text))
    try handle.truncate(atOffset: 5_000)
    #expect(throws: FileError.truncated(path, offset: 0, wanted: 10_000)) {
      try reader.bytes(at: 0, count: 10_000)
    }
    #expect(try reader.bytes(at: 0, count: 5_000).count == 5_000)
  }

  @Test func `what is no regular file is refused`() throws {
    #expect(throws: FileError.isDirectory(folder.path)) { try FileReader(folder.path) }
    let missing = folder.path.appending("missing")
    #expect(throws: FileError.notFound(missing)) { try FileReader(missing) }
    // Nobody writes to this pipe: opening it must not wait.
    let pipe = folder.path.appending("pipe")
    #expect(mkfifo(pipe.text, 0o600) == 0)
    #expect(throws: FileError.self) { try FileReader(pipe) }
    #expect(throws: FileError.self) { try FileReader(Path("/dev/null")) }
  }

  @Test func `contents are read up to a limit`() throws {
    let path = try folder.write([1, 2, 3])
    #expect(try FileReader.contents(of: path, limit: 3) == [1, 2, 3])
    #expect(throws: FileError.self) { try FileReader.contents(of: path, limit: 2) }
  }

  @Test func `a file is created once, and written at offsets`() throws {
    let path = folder.path.appending("new")
    let writer = try FileWriter(creating: path)
    try writer.write([3, 4], at: 2)
    try writer.write([1, 2], at: 0)
    try writer.write([UInt8](), at: 9)
    writer.startWriteback(at: 0, count: 4)
    try writer.sync()
    #expect(try FileReader.contents(of: path, limit: 4) == [1, 2, 3, 4])
    #expect(throws: FileError.exists(path)) { try FileWriter(creating: path) }
    try FileWriter.write([9], creating: folder.path.appending("other"))
  }
}
