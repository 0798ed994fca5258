import Files
import TestSupport
import Testing

@Suite struct StagedDirectoryTests {
  private let folder: TemporaryDirectory
  private let destination: Path

  init() throws {
    folder = try TemporaryDirectory()
    destination = folder.path.appending("out")
  }

  private func write(_ byte: UInt8, in staged: StagedDirectory) throws {
    try FileWriter.write([byte], creating: staged.path.appending("file"))
  }

  private func published() throws -> [UInt8] {
    try FileReader.contents(of: destination.appending("file"), limit: 1)
  }

  @Test func `nothing stands under the name before it is published`() throws {
    let staged = try StagedDirectory(for: destination)
    try write(1, in: staged)
    #expect(destination.kind == nil)
    #expect(staged.path.parent == folder.path)
    try staged.publish()
    #expect(try published() == [1])
    #expect(try folder.path.entryNames() == ["out"])
    staged.discard()
    #expect(try published() == [1])
  }

  @Test func `the directories above are made`() throws {
    let deep = folder.path.appending("a/b/out")
    try StagedDirectory(for: deep).publish()
    #expect(deep.isDirectory)
  }

  @Test func `what is discarded or forgotten leaves nothing`() throws {
    let staged = try StagedDirectory(for: destination)
    try write(1, in: staged)
    staged.discard()
    staged.discard()
    #expect(try folder.path.entryNames() == [])
    do {
      let forgotten = try StagedDirectory(for: destination)
      try write(1, in: forgotten)
    }
    #expect(try folder.path.entryNames() == [])
  }

  @Test func `what stands there is replaced only when that is allowed`() throws {
    let first = try StagedDirectory(for: destination)
    try write(1, in: first)
    try first.publish()
    #expect(throws: FileError.exists(destination)) { try StagedDirectory(for: destination) }
    let second = try StagedDirectory(for: destination, replacing: true)
    try write(2, in: second)
    #expect(throws: FileError.exists(destination)) { try second.publish() }
    #expect(try published() == [1])
    try second.publish(replacing: true)
    #expect(try published() == [2])
    #expect(try folder.path.entryNames() == ["out"])
  }

  @Test func `replacing nothing is publishing`() throws {
    let staged = try StagedDirectory(for: destination, replacing: true)
    try write(1, in: staged)
    try staged.publish(replacing: true)
    #expect(try published() == [1])
  }

  @Test func `a name taken in the meantime is not overwritten`() throws {
    let staged = try StagedDirectory(for: destination)
    try write(1, in: staged)
    try destination.createDirectories()
    try FileWriter.write([9], creating: destination.appending("file"))
    #expect(throws: FileError.exists(destination)) { try staged.publish() }
    #expect(try published() == [9])
    staged.discard()
    #expect(try folder.path.entryNames() == ["out"])
  }

  @Test func `what an ended process left is removed, what is in use is not`() throws {
    let stale = folder.path.appending(".out.partial-999999999")
    let other = folder.path.appending(".other.partial-999999999")
    for path in [stale, other] {
      try path.appending("deep").createDirectories()
      try FileWriter.write([1], creating: path.appending("deep/file"))
    }
    let staged = try StagedDirectory(for: destination)
    #expect(stale.kind == nil)
    #expect(other.isDirectory)
    // The first is locked; the second finds its name taken rather than removing it.
    #expect(throws: FileError.exists(staged.path)) { try StagedDirectory(for: destination) }
    #expect(staged.path.isDirectory)
    try staged.publish()
  }
}
