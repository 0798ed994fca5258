import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct HeldDirectoryTests {
  private let folder: TemporaryDirectory
  private let root: Path
  private let outside: Path

  init() throws {
    folder = try TemporaryDirectory()
    root = folder.path.appending("root")
    outside = folder.path.appending("outside")
    try root.createDirectories()
    try outside.createDirectories()
  }

  private func link(_ name: String, to target: Path) throws {
    try FileManager.default.createSymbolicLink(
      atPath: root.appending(name).text, withDestinationPath: target.text)
  }

  @Test func `directories and files are made in it`() throws {
    let held = try HeldDirectory(root)
    let inner = try held.directory("a").directory("b")
    try inner.createFile("c").write([1, 2], at: 0)
    #expect(try FileReader.contents(of: root.appending("a/b/c"), limit: 9) == [1, 2])
    #expect(inner.path == root.appending("a/b"))
    #expect(try held.directory("a").directory("b").path == inner.path)
    #expect(throws: FileError.exists(root.appending("a"))) { try held.createFile("a") }
    try inner.sync()
  }

  @Test func `no link is followed`() throws {
    try link("directory", to: outside)
    try link("dangling", to: outside.appending("new"))
    let held = try HeldDirectory(root)
    #expect(throws: FileError.notDirectory(root.appending("directory"))) {
      try held.directory("directory")
    }
    #expect(throws: FileError.exists(root.appending("dangling"))) {
      try held.createFile("dangling")
    }
    #expect(throws: FileError.self) { try held.directory("dangling") }
    #expect(throws: FileError.self) { try HeldDirectory(root.appending("directory")) }
    #expect(try outside.entryNames() == [])
  }

  @Test func `a directory that a neighbour swaps for a link never leads outside`() throws {
    let swapCount = 10_000
    let inside = root.appending("a").text
    let target = outside.text
    try root.appending("a").createDirectory()
    let swaps = Atomic(0)
    let ended = DispatchSemaphore(value: 0)
    DispatchQueue(label: "neighbour").async {
      while swaps.load(ordering: .relaxed) < swapCount {
        // Always another name: the writer may make the directory anew in a gap.
        let aside = inside + String(swaps.load(ordering: .relaxed))
        guard rename(inside, aside) == 0 else { continue }
        _ = symlink(target, inside)
        swaps.add(1, ordering: .relaxed)
        unlink(inside)
        rename(aside, inside)
      }
      ended.signal()
    }
    let held = try HeldDirectory(root)
    var writtenCount = 0
    var refusedCount = 0
    while swaps.load(ordering: .relaxed) < swapCount {
      do {
        _ = try held.directory("a").createFile("\(writtenCount)")
        writtenCount += 1
      } catch { refusedCount += 1 }
    }
    ended.wait()
    #expect(try outside.entryNames() == [])
    #expect(writtenCount > 0 && refusedCount > 0)
  }

  @Test func `what replaces it is noticed and not written to`() throws {
    let held = try HeldDirectory(root)
    #expect(held.isInPlace)
    let moved = folder.path.appending("moved")
    try root.rename(over: moved)
    try FileManager.default.createSymbolicLink(
      atPath: root.text, withDestinationPath: outside.text)
    #expect(!held.isInPlace)
    _ = try held.directory("a").createFile("b")
    #expect(try outside.entryNames() == [])
    #expect(moved.appending("a/b").isFile)
  }
}
