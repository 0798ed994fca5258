import Files
import Foundation
import TestSupport
import Testing

@Suite struct DirectoryTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  @Test func `what stands at a path is told apart`() throws {
    let file = try folder.write([1, 2])
    guard case .file(byteCount: 2)? = file.kind else { return #expect(Bool(false)) }
    #expect(file.isFile && !file.isDirectory)
    #expect(folder.path.isDirectory && !folder.path.isFile)
    let link = folder.path.appending("link")
    #expect(symlink("file", link.text) == 0)
    #expect(link.isFile)
    #expect(link.resolved == file.resolved)
    let dangling = folder.path.appending("dangling")
    #expect(symlink("nothing", dangling.text) == 0)
    guard case .other? = dangling.kind else { return #expect(Bool(false)) }
    #expect(folder.path.appending("missing").kind == nil)
  }

  @Test func `directories are made with those above them`() throws {
    let deep = folder.path.appending("a/b/c")
    try deep.createDirectories()
    try deep.createDirectories()
    #expect(deep.isDirectory)
    let file = try folder.write([])
    #expect(throws: FileError.notDirectory(file)) { try file.createDirectories() }
    #expect(throws: FileError.self) { try file.appending("a").createDirectories() }
  }

  @Test func `names are sorted`() throws {
    for name in ["b", "a", ".c", "größe"] { try folder.write([], named: name) }
    #expect(try folder.path.entryNames() == [".c", "a", "b", "größe"])
    #expect(throws: FileError.self) { try folder.path.appending("missing").entryNames() }
  }

  @Test func `a tree is removed, what its links point to is not`() throws {
    let kept = try folder.write([1], named: "kept")
    let tree = folder.path.appending("tree/deep")
    try tree.createDirectories()
    try FileWriter.write([1], creating: tree.appending("file"))
    #expect(symlink(kept.text, tree.appending("link").text) == 0)
    #expect(symlink(folder.path.text, tree.appending("up").text) == 0)
    try tree.parent.removeTree()
    #expect(tree.parent.kind == nil)
    #expect(kept.isFile)
    try tree.parent.removeTree()
  }

  @Test func `there is room to ask about`() throws {
    #expect(try folder.path.freeByteCount() > 0)
  }
}
