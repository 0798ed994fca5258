import TestSupport
import Testing

@testable import Files

@Suite struct PublishingTests {
  @Test func `a name is given once`() throws {
    let folder = try TemporaryDirectory()
    let one = try folder.write([1], named: "one")
    let two = try folder.write([2], named: "two")
    let name = folder.path.appending("name")
    try one.link(as: name)
    #expect(throws: FileError.exists(name)) { try two.link(as: name) }
    #expect(try FileReader.contents(of: name, limit: 9) == [1])
    try two.rename(over: name)
    #expect(try FileReader.contents(of: name, limit: 9) == [2])
    try one.removeFile()
    #expect(throws: FileError.notFound(one)) { try one.removeFile() }
    try folder.path.syncNames()
    #expect(throws: FileError.exists(folder.path)) { try folder.path.createDirectory() }
  }

  @Test func `a lock is shared, or held alone, and ends with its object`() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path.appending("lock")
    var first = try FileLock(path, exclusive: false)
    let second = try FileLock(path, exclusive: false)
    #expect(first != nil && second != nil)
    #expect(try FileLock(path, exclusive: true) == nil)
    first = nil
    let third = try FileLock(path, exclusive: true)
    withExtendedLifetime(second) { #expect(third == nil) }
  }

  @Test func `a lock held alone keeps all others out`() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path.appending("lock")
    var alone = try FileLock(path, exclusive: true)
    #expect(alone != nil)
    #expect(try FileLock(path, exclusive: false) == nil)
    alone = nil
    #expect(try FileLock(path, exclusive: true) != nil)
  }
}
