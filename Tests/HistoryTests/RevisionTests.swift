import Digests
import Storage
import Testing

@testable import History

@Suite struct RevisionTests {
  /// first — second — merge on main, side off first, tags on second.
  private struct History {
    let sample: SampleRepository
    let first, second, side, merge, tag: ObjectID

    init() throws {
      sample = try SampleRepository()
      first = try sample.commit("first", ["math": .adapter(tensors: ["a": [1]])])
      side = try sample.commit("side", ["sql": .text("b")], on: "side", from: first)
      second = try sample.commit(
        "second", ["math": .adapter(tensors: ["a": [2]], files: ["note.txt": "hello\n"])])
      merge = try sample.commit("merge", ["sql": .text("b")], merging: [side])
      tag = try sample.tag("v1", second, message: "one")
      try sample.move(.tag("light"), to: first)
    }

    var repository: Repository { sample.repository }
  }

  @Test func `every spelling finds its commit`() throws {
    let history = try History()
    let digits = history.second.digest.hexadecimal
    let spellings: [(String, ObjectID)] = [
      ("HEAD", history.merge), ("@", history.merge), ("main", history.merge),
      ("refs/heads/main", history.merge), ("side", history.side), ("v1", history.second),
      ("refs/tags/v1", history.second), ("light", history.first), ("HEAD^", history.second),
      ("HEAD~", history.second), ("HEAD^1", history.second), ("HEAD^2", history.side),
      ("HEAD~2", history.first), ("HEAD^^", history.first), ("HEAD^2~1", history.first),
      ("HEAD~0", history.merge), ("HEAD^0", history.merge), ("v1^{commit}", history.second),
      ("v1^{}", history.second), ("v1~1", history.first), ("main@{0}", history.merge),
      ("main@{1}", history.second), ("@{2}", history.first), ("HEAD@{1}", history.second),
      ("HEAD@{1}~1", history.first), (digits, history.second), ("b3:" + digits, history.second),
    ]
    for (text, id) in spellings { #expect(try history.repository.commit(text) == id, "\(text)") }
    #expect(try history.repository.object("v1") == history.tag)
  }

  @Test(arguments: ["nothing", "HEAD^x", "HEAD@{x}", "HEAD@{-1}", "", "abcd", "b3:", "main~-1"])
  func `what names nothing is unknown`(text: String) throws {
    let history = try History()
    #expect { try history.repository.commit(text) } throws: { error in
      guard case HistoryError.unknownRevision = error else { return false }
      return true
    }
  }

  @Test(arguments: ["HEAD~9", "HEAD^3", "main@{9}", "light^"])
  func `ancestors that do not exist are said to`(text: String) throws {
    let history = try History()
    #expect { try history.repository.commit(text) } throws: { error in
      guard case HistoryError.noSuchAncestor(text) = error else { return false }
      return true
    }
  }

  @Test func `near misses are offered`() throws {
    let history = try History()
    #expect { try history.repository.commit("mian") } throws: { error in
      guard case HistoryError.unknownRevision("mian", let near) = error else { return false }
      return near.first == "main"
    }
  }

  @Test func `a branch without commits is unborn, and a tree is no commit`() throws {
    let empty = try SampleRepository()
    #expect { try empty.repository.commit("HEAD") } throws: { error in
      guard case HistoryError.unbornBranch = error else { return false }
      return true
    }
    let history = try History()
    let tree = try history.repository.read(Commit.self, history.first).tree
    #expect { try history.repository.commit(tree.description) } throws: { error in
      guard case HistoryError.unexpectedKind(tree, "commit", "tree") = error else { return false }
      return true
    }
  }

  @Test func `ranges leave out what is behind them`() throws {
    let history = try History()
    func ids(_ revisions: String...) throws -> Set<ObjectID> {
      let selection = try history.repository.selection(revisions)
      var log = try CommitLog(
        history.repository, LogQuery(from: selection.starts, excluding: selection.excluding))
      return Set(try log.all().map(\.id))
    }
    #expect(try ids("main") == [history.first, history.second, history.side, history.merge])
    #expect(try ids("light..main") == [history.second, history.side, history.merge])
    #expect(try ids("side..") == [history.second, history.merge])
    #expect(try ids("..side") == [])
    #expect(try ids("main", "^v1", "^side") == [history.merge])
    #expect(try ids("HEAD..HEAD") == [])
  }

  @Test func `paths name trees, snapshots and files`() throws {
    let history = try History()
    let repository = history.repository
    let commit = try repository.read(Commit.self, history.second)
    #expect(try repository.id(named: "v1:") == commit.tree)
    let snapshot = try repository.id(named: "v1:math")
    #expect(try repository.read(Snapshot.self, snapshot).method == "lora")
    #expect(try repository.id(named: "v1:math/") == snapshot)
    let file = try repository.id(named: "v1:math/note.txt")
    #expect(try repository.text(of: try repository.read(FileRecord.self, file)) == "hello\n")
    #expect(try repository.id(named: "\(history.second):math") == snapshot)
    #expect(throws: HistoryError.self) { try repository.id(named: "v1:sql") }
    #expect(throws: HistoryError.self) { try repository.id(named: "v1:math/other") }
    #expect(throws: HistoryError.self) { try repository.id(named: "v1:../math") }
  }

  @Test func `a folder has no id, and is listed`() throws {
    let sample = try SampleRepository()
    try sample.commit(
      "runs", ["runs/a": .text("a"), "runs/b": .adapter(tensors: ["x": [1]]), "z": .text("z")])
    #expect { try sample.repository.id(named: "HEAD:runs") } throws: { error in
      guard case HistoryError.folderWithoutID("HEAD:runs") = error else { return false }
      return true
    }
    func paths(_ text: String, files: Bool = false) throws -> [String] {
      try sample.repository.listing(text, files: files, details: true).map(\.path)
    }
    #expect(try paths("HEAD:runs") == ["runs/a", "runs/b"])
    #expect(try paths("HEAD") == ["runs/a", "runs/b", "z"])
    #expect(try paths("HEAD", files: true) == ["runs/a", "runs/b/w.st", "z"])
    #expect(try paths("HEAD:runs/b") == ["runs/b/w.st"])
    #expect(try paths("HEAD:runs/b/w.st") == ["runs/b/w.st"])
  }

  @Test func `a reflog has the places of a branch and of the head`() throws {
    let history = try History()
    try history.sample.switchHead(to: "side")
    let repository = history.repository
    #expect(
      try repository.reflog(of: .branch("main")).map(\.object)
        == [history.merge, history.second, history.first])
    #expect(try repository.reflog(of: .branch("side")).map(\.object) == [history.side])
    let head = try repository.reflog(of: .head)
    #expect(head.map(\.object) == [history.side, history.merge, history.second, history.first])
    #expect(head.first?.operation.note.command == "test")
    #expect(try repository.reflog(of: .head, limit: 2).count == 2)
    #expect(try repository.commit("HEAD@{1}") == history.merge)
  }

  @Test func `chunks and objects are found by their whole ids`() throws {
    let history = try History()
    let repository = history.repository
    let digest = BLAKE3.digest(of: Array("hello\n".utf8))
    let content = try repository.content(named: digest.description)
    #expect(content.kind == "chunk")
    #expect(content.byteCount == 6)
    #expect(try repository.content(named: digest.hexadecimal).id == digest)
    #expect(try repository.content(named: "v1").kind == "tag")
    #expect(try repository.content(named: "v1:math/w.st").byteCount == 4)
    #expect(throws: HistoryError.self) {
      try repository.content(named: String(repeating: "0", count: 64))
    }
  }
}
