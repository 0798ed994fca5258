import Storage
import Testing

@testable import History

/// Branches, tags and single refs.
@Suite struct RefTests {
  @Test func `a branch is made once, and moved only where that is asked for`() throws {
    let sample = try SampleRepository()
    let repository = sample.repository
    let first = try sample.commit("first")
    let second = try sample.commit("second")
    try repository.makeBranch("dev", at: first, force: false, act: sample.act)
    #expect(throws: HistoryError.self) {
      try repository.makeBranch("dev", at: second, force: false, act: sample.act)
    }
    try repository.makeBranch("dev", at: second, force: true, act: sample.act)
    #expect(try repository.commit("dev") == second)
    // The one that the head is on is moved by reset, with its files.
    #expect(throws: HistoryError.self) {
      try repository.makeBranch("main", at: first, force: true, act: sample.act)
    }
    #expect(try repository.branches().map(\.name) == ["dev", "main"])
    #expect(try repository.branches().map(\.isCurrent) == [false, true])
  }

  @Test func `a branch with commits of its own is deleted by force alone`() throws {
    let sample = try SampleRepository()
    let repository = sample.repository
    let first = try sample.commit("first")
    try sample.commit("side", on: "side", from: first)
    try repository.makeBranch("behind", at: first, force: false, act: sample.act)
    try repository.deleteBranch("behind", force: false, act: sample.act)
    do {
      try repository.deleteBranch("side", force: false, act: sample.act)
      Issue.record("deleted what nothing else reaches")
    } catch {
      guard case .notMerged("side") = error else { throw error }
    }
    try repository.deleteBranch("side", force: true, act: sample.act)
    #expect(throws: HistoryError.self) {
      try repository.deleteBranch("main", force: true, act: sample.act)
    }
    #expect(try repository.branches().map(\.name) == ["main"])
  }

  @Test func `the head follows its branch to another name`() throws {
    let sample = try SampleRepository()
    let first = try sample.commit("first")
    try sample.repository.renameBranch(nil, to: "trunk", act: sample.act)
    let head = try sample.repository.head()
    #expect(head.branch?.short == "trunk" && head.commit == first)
    #expect(try sample.repository.branches().map(\.name) == ["trunk"])
    #expect(throws: HistoryError.self) {
      try sample.repository.renameBranch("main", to: "other", act: sample.act)
    }
  }

  @Test func `a tag stays, an alias moves, and the log has both places`() throws {
    let sample = try SampleRepository()
    let repository = sample.repository
    let first = try sample.commit("first")
    let second = try sample.commit("second")
    let tagger = Signature(name: "Ada", email: "")
    func tag(_ commit: ObjectID, message: String? = nil, moving: Bool = false) throws -> ObjectID? {
      try repository.makeTag(
        "production", at: commit, message: message, tagger: tagger, moving: moving, act: sample.act)
    }
    #expect(try tag(first) == nil)
    #expect(throws: HistoryError.self) { try tag(second) }
    #expect(try tag(second, message: "better", moving: true) == first)
    #expect(try repository.commit("production") == second)
    let entry = try #require(try repository.tags().first)
    #expect(entry.annotation?.message == "better\n" && entry.commit == second)
    let places = try repository.reflog(of: try .tag("production"))
    #expect(places.map(\.object) == [entry.object, first])
    #expect(try repository.deleteTag("production", act: sample.act) == second)
    #expect(try repository.tags().isEmpty)
    #expect(throws: HistoryError.self) { try repository.deleteTag("production", act: sample.act) }
  }

  @Test func `a ref moves only from where it is expected, and names only what it may`() throws {
    let sample = try SampleRepository()
    let repository = sample.repository
    let first = try sample.commit("first")
    let second = try sample.commit("second")
    let ref = try RefName("refs/heads/side")
    func update(_ new: ObjectID?, _ expected: ObjectID??) throws {
      try repository.updateRef(ref, to: new, expecting: expected, act: sample.act)
    }
    try update(first, .some(nil))
    #expect(throws: HistoryError.self) { try update(second, .some(nil)) }
    #expect(throws: HistoryError.self) { try update(second, second) }
    try update(second, first)
    #expect(try repository.commit("side") == second)
    let tree = try #require(try repository.tree(of: first))
    #expect(throws: HistoryError.self) { try update(tree, .none) }
    #expect(throws: HistoryError.self) { try update(nil, first) }
    try update(nil, second)
    #expect(try repository.refValue(ref) == nil)
  }
}
