import Files
import Foundation
import Storage
import TestSupport
import Testing

@testable import History

/// Things in the way: links, folders where files were, names that cannot be tracked.
@Suite struct WorkingTreeCasesTests {
  private let workshop: Workshop
  private var repository: Repository { workshop.repository }
  private var root: Path { workshop.root }
  private let execution = Workshop.execution()

  init() throws { workshop = try Workshop() }

  private func link(_ name: String, to target: Path) throws {
    try FileManager.default.createSymbolicLink(
      atPath: root.appending(name).text, withDestinationPath: target.text)
  }

  private func go(_ commit: ObjectID, force: Bool = false) throws {
    _ = try repository.move(
      to: .detached(commit), force: force, act: workshop.act(), execution: execution)
  }

  /// Throws `wouldOverwrite`, and changes nothing.
  private func isRefused(_ commit: ObjectID, location: SourceLocation = #_sourceLocation) throws {
    let before = try workshop.files()
    let head = try repository.head()
    #expect(sourceLocation: location) {
      try go(commit)
    } throws: { error in
      guard case HistoryError.wouldOverwrite = error else { return false }
      return true
    }
    #expect(try workshop.files() == before, sourceLocation: location)
    #expect(try repository.head() == head, sourceLocation: location)
  }

  /// Two commits: without and with the adapter `runs/a`.
  private func withAndWithout() throws -> (without: ObjectID, with: ObjectID) {
    try workshop.writeAdapter("other")
    try workshop.add(["other"])
    let without = try workshop.commit().id
    try workshop.writeAdapter("runs/a")
    try workshop.write("read me", "runs/a/README.md")
    try workshop.add(["runs/a"])
    return (without, try workshop.commit().id)
  }

  @Test func `nothing is written or deleted behind a link`() throws {
    let (without, with) = try withAndWithout()
    let outside = workshop.folder.path.appending("outside")
    try outside.createDirectories()
    // The folder is elsewhere, and looks just like it.
    try root.appending("runs").rename(over: outside.appending("runs"))
    try link("runs", to: outside.appending("runs"))
    let before = try Workshop.files(outside, below: "./")
    try go(without)
    #expect(try Workshop.files(outside, below: "./") == before)
    #expect(root.appending("runs").isLink)
    try isRefused(with)
    for force in [true, false] {
      #expect(throws: HistoryError.self) { try go(with, force: force) }
    }
    #expect(try Workshop.files(outside, below: "./") == before)
    #expect(try repository.head().commit == without)
    try root.appending("runs").removeFile()
    try go(with)
    #expect(try repository.status().isClean)
  }

  @Test func `a path behind a link is that which it leads to`() throws {
    try workshop.writeAdapter("real/a")
    try link("alias", to: root.appending("real"))
    var finding = Finding(repository)
    #expect(try finding.find(at: root.appending("alias/a")).map(\.path.text) == ["real/a"])
    let outside = workshop.folder.path.appending("outside")
    try outside.createDirectories()
    try FileWriter.write([1], creating: outside.appending("secret"))
    try link("door", to: outside)
    #expect {
      try finding.find(at: root.appending("door/secret"))
    } throws: { error in
      guard case HistoryError.outsideWorkingTree = error else { return false }
      return true
    }
    // What is gone has a path too, and so has what never was.
    #expect(try repository.relative(root.appending("alias/gone/x")) == "real/gone/x")
    #expect(try repository.relative(root.appending("gone/../real")) == "real")
    #expect(throws: HistoryError.self) { try repository.relative(root.appending("door/gone/x")) }
    #expect(throws: HistoryError.self) { try repository.relative(root.appending("../x")) }
    #expect(throws: HistoryError.self) { try repository.relative(root.appending(".adapterctl/x")) }
    #expect(throws: HistoryError.self) {
      try repository.relative(root.appending("real/../../\u{301}x"))
    }
  }

  @Test func `a link, a device and a bad name in an adapter are refused, and status tells`() throws
  {
    try workshop.writeAdapter("a")
    try workshop.write("x", "a/tokens.json")
    try workshop.add(["a"])
    try workshop.commit()
    let outside = try workshop.folder.write([1], named: "outside.json")
    try root.appending("a/tokens.json").removeFile()
    try link("a/tokens.json", to: outside)
    #expect(throws: HistoryError.self) { try workshop.add(["a"]) }
    var status = try repository.status()
    #expect(status.unstaged.map(\.files) == [["tokens.json": .modified]])
    // The same bytes behind it do not make it the file.
    try root.appending("a/tokens.json").removeFile()
    try FileWriter.write(Array("x".utf8), creating: workshop.folder.path.appending("same"))
    try link("a/tokens.json", to: workshop.folder.path.appending("same"))
    status = try repository.status()
    #expect(status.unstaged.map(\.files) == [["tokens.json": .modified]])
    _ = try repository.restoreFiles(
      ["a"], from: repository.stagedTree(repository.head()), execution: execution)
    #expect(!root.appending("a/tokens.json").isLink)
    #expect(try repository.status().isClean)
    let tracked = try repository.stagedTree(repository.head())
    for name in ["line\nbreak", "escape\u{1B}[31m"] {
      try FileWriter.write([1], creating: root.appending("a").appending(name))
      #expect(throws: HistoryError.self) { try workshop.add(["a"]) }
      // It never was tracked, so nothing that is differs; but it is told.
      #expect(try repository.status().unstaged.isEmpty)
      #expect(try repository.status().unkept.map(\.path) == ["a/" + name])
      #expect(try !repository.status().isClean)
      #expect(try repository.workingDifferences(from: tracked, below: []).isEmpty)
      try root.appending("a").appending(name).removeFile()
    }
    // Bytes that are no text.
    let bad = Array(root.appending("a/bad").text.utf8) + [0xFF, 0]
    let opened = bad.withUnsafeBytes {
      open($0.baseAddress!.assumingMemoryBound(to: CChar.self), O_CREAT | O_WRONLY, 0o644)
    }
    try #require(opened >= 0)
    close(opened)
    #expect(throws: HistoryError.self) { try workshop.add(["a"]) }
    #expect(try !repository.status().isClean)
    // An untracked one with links does not hide what else there is to tell.
    try workshop.writeAdapter("hub")
    try link("hub/blob", to: outside)
    #expect(try repository.status().untracked.map(\.path.text) == ["hub"])
  }

  @Test func `two forms of one name in an adapter are refused`() throws {
    try workshop.writeAdapter("a")
    try workshop.write("1", "a/\u{E9}.json")
    try workshop.write("2", "a/e\u{301}.json")
    #expect(throws: HistoryError.self) { try workshop.add(["a"]) }
    try root.appending("a/\u{E9}.json").removeFile()
    try workshop.add(["a"])
    try workshop.commit()
    #expect(try repository.status().isClean)
    // One that was tracked before, in the other form now.
    try root.appending("a/e\u{301}.json").rename(over: root.appending("a/\u{E9}.json"))
    #expect(try workshop.files().count == 3)
  }

  @Test func `names that begin with a combining mark come and go`() throws {
    try workshop.writeAdapter("runs/\u{301}a")
    try workshop.write("x", "runs/\u{301}a/\u{301}sub/\u{200D}f.json")
    try workshop.add(["runs"])
    let with = try workshop.commit().id
    let files = try workshop.files()
    try workshop.writeAdapter("b")
    try workshop.add(["b"])
    try root.appending("runs/\u{301}a").removeTree()
    _ = try repository.stage(
      [], removing: [try TrackedPath("runs/\u{301}a")], act: workshop.act(), execution: execution)
    let without = try workshop.commit().id
    try go(with)
    #expect(try workshop.files() == files)
    try go(without)
    #expect(!root.appending("runs").isDirectory)
    try go(with)
    _ = try repository.restoreFiles(
      ["runs/\u{301}a/\u{301}sub"], from: repository.stagedTree(repository.head()),
      execution: execution)
    #expect(try workshop.files() == files)
    guard case .file = try repository.place("HEAD", path: "runs/\u{301}a/\u{301}sub/\u{200D}f.json")
    else {
      Issue.record("no file")
      return
    }
  }

  @Test func `case twins are two adapters`() throws {
    try workshop.writeAdapter("Math", seed: 1)
    try workshop.writeAdapter("math", seed: 2)
    try workshop.add(["Math", "math"])
    let id = try workshop.commit().id
    let files = try workshop.files()
    try root.appending("Math").removeTree()
    try root.appending("math").removeTree()
    try go(id)
    _ = try repository.restoreFiles(
      [""], from: repository.stagedTree(repository.head()), execution: execution)
    #expect(try workshop.files() == files)
  }

  @Test func `files that nobody has kept are never overwritten`() throws {
    let (without, with) = try withAndWithout()
    try go(without)
    #expect(!root.appending("runs").isDirectory)
    // An untracked file, a file where the folder is to be, a folder where a file is to be.
    try workshop.write("mine", "runs/a/README.md")
    try isRefused(with)
    try root.appending("runs").removeTree()
    try workshop.write("mine", "runs")
    try isRefused(with)
    try root.appending("runs").removeFile()
    try workshop.write("mine", "runs/a")
    try isRefused(with)
    try root.appending("runs").removeTree()
    try workshop.write("mine", "runs/a/README.md/mine")
    try isRefused(with)
    #expect(throws: HistoryError.self) { try go(with, force: true) }
    try root.appending("runs").removeTree()
    // The same bytes are in nobody's way.
    try workshop.write("read me", "runs/a/README.md")
    try go(with)
    #expect(try repository.status().isClean)
    // A tracked file that is ignored now, and was changed.
    try workshop.write("README.md\n", ".adapterctlignore")
    try workshop.write("mine", "runs/a/README.md")
    try isRefused(without)
    // Force takes the tracked file, and leaves what is not tracked.
    try workshop.write("mine", "runs/a/optimizer.pt")
    try go(without, force: true)
    #expect(try workshop.files()["runs/a/optimizer.pt"] == Array("mine".utf8))
    #expect(!root.appending("runs/a/README.md").isFile)
  }

  @Test func `a file and a folder take each other's place`() throws {
    try workshop.write("one", "x")
    try workshop.add(["x"])
    let file = try workshop.commit().id
    try root.appending("x").removeFile()
    try workshop.writeAdapter("x/y")
    _ = try repository.stage(
      try {
        var finding = Finding(repository); return try finding.find(at: root.appending("x"))
      }(),
      removing: [try TrackedPath("x")], act: workshop.act(), execution: execution)
    let folder = try workshop.commit().id
    let files = try workshop.files()
    try go(file)
    #expect(try workshop.files() == ["x": Array("one".utf8)])
    try go(folder)
    #expect(try workshop.files() == files)
    #expect(try repository.status().isClean)
    // With something untracked in it, the folder stays, and so does all the rest.
    try workshop.write("mine", "x/mine")
    try isRefused(file)
    try root.appending("x/mine").removeFile()
    try root.appending("x/empty/deeper").createDirectories()
    try go(file)
    #expect(try repository.status().isClean)
  }

  @Test func `what is staged and never was committed is no commit`() throws {
    try workshop.writeAdapter("a")
    try workshop.add(["a"])
    _ = try repository.stage(
      [], removing: [try TrackedPath("a")], act: workshop.act(), execution: execution)
    #expect(throws: HistoryError.self) { try workshop.commit() }
    #expect(try repository.head().commit == nil)
    let empty = try repository.commit(
      message: "empty", author: Signature(name: "T", email: ""), allowsEmpty: true,
      act: workshop.act(), execution: execution)
    #expect(try repository.trees.count(of: empty.commit.tree) == 0)
    #expect(workshop.problems() == [])
  }

  @Test func `an unborn branch switches to another, and a staged path below a new one is refused`()
    throws
  {
    _ = try repository.move(
      to: .newBranch(.branch("dev"), at: nil), act: workshop.act(), execution: execution)
    #expect(try repository.head().branch?.short == "dev")
    let (without, with) = try withAndWithout()
    try go(without)
    try workshop.writeAdapter("runs/a/inner")
    try workshop.add(["runs/a/inner"])
    let before = try workshop.files()
    #expect(throws: HistoryError.self) { try go(with) }
    #expect(try workshop.files() == before && repository.head().commit == without)
  }

  @Test func `leftovers of killed commands go, those of living ones stay`() throws {
    let checkouts = repository.own("checkouts")
    try checkouts.createDirectories()
    let held = try Checkouts.hold(checkouts.appending("living"))
    try checkouts.appending("dead").createDirectories()
    try FileWriter.write([], creating: checkouts.appending("dead.lock"))
    try FileWriter.write([], creating: checkouts.appending("only.lock"))
    #expect(try repository.removeStaleCheckouts() == 2)
    #expect(try checkouts.entryNames() == ["living", "living.lock"])
    withExtendedLifetime(held) {}
  }
}
