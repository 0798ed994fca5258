import Digests
import Storage
import Testing

@testable import History

@Suite struct CommitLogTests {
  private func subjects(_ sample: SampleRepository, _ query: LogQuery) throws -> [String] {
    var log = try CommitLog(sample.repository, query)
    return try log.all().map(\.commit.subject)
  }

  @Test func `the newest comes first, also across a merge`() throws {
    let sample = try SampleRepository()
    let root = try sample.commit("root")
    try sample.commit("a")
    let side = try sample.commit("b", on: "side", from: root)
    try sample.commit("c")
    let merge = try sample.commit("merge", merging: [side])
    #expect(
      try subjects(sample, LogQuery(from: [merge])) == ["merge", "c", "b", "a", "root"])
    #expect(try subjects(sample, LogQuery(from: [merge], limit: 2)) == ["merge", "c"])
    #expect(try subjects(sample, LogQuery(from: [merge], limit: 0)) == [])
    #expect(try subjects(sample, LogQuery(from: [merge, side, merge])).count == 5)
    #expect(
      try subjects(sample, LogQuery(from: [merge], excluding: [side])) == ["merge", "c", "a"])
  }

  @Test func `no more commits are read than are asked for, and no trees without paths`() throws {
    let sample = try SampleRepository()
    let missing = ObjectID(BLAKE3.digest(of: [1]))
    let first = try sample.commit(tree: missing, after: [missing])
    let second = try sample.commit(tree: missing, after: [first])
    let third = try sample.commit(tree: missing, after: [second])
    #expect(try subjects(sample, LogQuery(from: [third], limit: 1)) == ["by ids"])
    #expect { try subjects(sample, LogQuery(from: [third])) } throws: { error in
      guard case HistoryError.storage(.missingObject(missing)) = error else { return false }
      return true
    }
  }

  @Test func `trees that are equal are not read for a path`() throws {
    let sample = try SampleRepository()
    let missing = ObjectID(BLAKE3.digest(of: [1]))
    let root = try sample.commit("root", ["a": .text("a")])
    let first = try sample.commit(tree: missing, after: [root])
    let second = try sample.commit(tree: missing, after: [first])
    #expect(try subjects(sample, LogQuery(from: [second], excluding: [first], paths: ["a"])) == [])
    #expect { try subjects(sample, LogQuery(from: [second], paths: ["a"])) } throws: { error in
      guard case HistoryError.storage(.missingObject(missing)) = error else { return false }
      return true
    }
  }

  @Test func `authors and messages select`() throws {
    let sample = try SampleRepository()
    try sample.commit("train math", by: Signature(name: "Grace", email: "grace@example.org"))
    let last = try sample.commit("train sql\n\nStep: 600")
    #expect(try subjects(sample, LogQuery(from: [last], author: "grace@")) == ["train math"])
    #expect(try subjects(sample, LogQuery(from: [last], author: "Ada <")) == ["train sql"])
    #expect(try subjects(sample, LogQuery(from: [last], text: "Step: 6")) == ["train sql"])
    #expect(try subjects(sample, LogQuery(from: [last], author: "Ada", text: "math")) == [])
    #expect(try subjects(sample, LogQuery(from: [last], limit: 1, text: "math")) == ["train math"])
  }

  @Test func `paths select what changed at, below and in them`() throws {
    let sample = try SampleRepository()
    try sample.commit(
      "root", ["runs/a": .adapter(tensors: ["x": [1]], files: ["c.json": "{}"]), "b": .text("b")])
    try sample.commit("b again", ["b": .text("c")])
    try sample.commit("config", ["runs/a": .adapter(tensors: ["x": [1]], files: ["c.json": "{ }"])])
    try sample.commit(
      "weights", ["runs/a": .adapter(tensors: ["x": [2]], files: ["c.json": "{ }"])])
    let last = try sample.commit("gone", ["runs/a": nil])
    func log(_ paths: String...) throws -> [String] {
      try subjects(sample, LogQuery(from: [last], paths: paths))
    }
    #expect(try log("runs") == ["gone", "weights", "config", "root"])
    #expect(try log("runs/a") == ["gone", "weights", "config", "root"])
    #expect(try log("runs/a/c.json") == ["gone", "config", "root"])
    #expect(try log("runs/a/w.st") == ["gone", "weights", "root"])
    #expect(try log("b") == ["b again", "root"])
    #expect(try log("b", "runs/a/c.json") == ["gone", "config", "b again", "root"])
    #expect(try log("run", "runs/a/c", "nothing") == [])
    #expect(try log("") == ["gone", "weights", "config", "b again", "root"])
  }

  @Test func `a tree of hundreds of entries is compared by its nodes`() throws {
    let sample = try SampleRepository()
    var entries: [String: SampleRepository.Content?] = [:]
    for number in 0..<320 { entries["runs/r\(number)"] = .text("\(number)") }
    let first = try sample.commit("many", entries)
    let second = try sample.commit("one", ["runs/r77": .text("other")])
    let third = try sample.commit("two", ["runs/r78": nil, "more": .text("m")])
    let repository = sample.repository
    let tree = try #require(try repository.tree(of: first))
    guard case .branch = try repository.trees.node(tree, depth: 0) else {
      Issue.record("320 entries are one leaf")
      return
    }
    #expect(try repository.trees.count(of: tree) == 320)
    #expect(try subjects(sample, LogQuery(from: [third], paths: ["runs/r77"])) == ["one", "many"])
    #expect(try subjects(sample, LogQuery(from: [third], paths: ["runs/r78"])) == ["two", "many"])
    #expect(try subjects(sample, LogQuery(from: [third], paths: ["more"])) == ["two"])
    #expect(try subjects(sample, LogQuery(from: [third], paths: ["runs/r5"])) == ["many"])
    let changes = try repository.changes(of: try repository.read(Commit.self, second))
    #expect(changes.map(\.entry.path.text) == ["runs/r77"])
    #expect(changes.map(\.status) == [.modified])
    #expect(try repository.listing("HEAD", files: false, details: false).count == 320)
  }

  @Test func `a graph keeps branches together and skips what is not selected`() throws {
    let sample = try SampleRepository()
    let root = try sample.commit("root", ["a": .text("0")])
    try sample.commit("main 1", ["a": .text("1")])
    let side1 = try sample.commit("side 1", ["b": .text("1")], on: "side", from: root)
    let main2 = try sample.commit("main 2", ["a": .text("2")])
    let side2 = try sample.commit("side 2", ["b": .text("2")], on: "side")
    let merge = try sample.commit("merge", ["b": .text("2")], merging: [side2])
    func graph(_ query: LogQuery) throws -> [GraphCommit] { try sample.repository.graph(query) }
    let all = try graph(LogQuery(from: [merge]))
    #expect(
      all.map(\.commit.subject) == ["merge", "side 2", "side 1", "main 2", "main 1", "root"])
    #expect(all.first?.parents == [main2, side2])
    let side = try graph(LogQuery(from: [merge], paths: ["b"]))
    #expect(side.map(\.commit.subject) == ["merge", "side 2", "side 1"])
    #expect(side.map(\.parents) == [[side2], [side1], []])
    #expect(try graph(LogQuery(from: [merge], limit: 2)).count == 2)
    let range = try graph(LogQuery(from: [merge], excluding: [main2]))
    #expect(range.map(\.commit.subject) == ["merge", "side 2", "side 1"])
    #expect(range.last?.parents == [])
  }

  @Test func `changes count tensors and name files`() throws {
    let sample = try SampleRepository()
    try sample.commit(
      "root",
      ["m": .adapter(tensors: ["x": [1], "y": [2], "z": [3]], files: ["c": "1", "d": "1"])])
    try sample.commit(
      "next",
      [
        "m": .adapter(tensors: ["x": [1], "y": [5], "v": [3]], files: ["c": "2", "e": "1"]),
        "n": .text("n"),
      ])
    let head = try sample.repository.read(Commit.self, sample.repository.commit("HEAD"))
    let changes = try sample.repository.changes(of: head)
    #expect(changes.map(\.status) == [.modified, .added])
    let extent = try #require(changes.first?.extent)
    #expect(extent.changedTensorCount == 3)
    #expect(extent.tensorCount == 4)
    #expect(extent.changedFiles == ["c", "d", "e"])
    #expect(changes.last?.extent == nil)
    #expect(try sample.repository.changes(of: head, within: ["n"]).count == 1)
    let root = try sample.repository.read(Commit.self, sample.repository.commit("HEAD~1"))
    #expect(try sample.repository.changes(of: root).map(\.status) == [.added])
    try sample.commit("gone", ["m": nil])
    let gone = try sample.repository.read(Commit.self, sample.repository.commit("HEAD"))
    #expect(try sample.repository.changes(of: gone).map(\.status) == [.deleted])
  }
}
