import Storage
import Testing

@testable import History

@Suite struct UndoTests {
  @Test func `undoing takes the last move back, and undoing that makes it again`() throws {
    let sample = try SampleRepository()
    let repository = sample.repository
    let first = try sample.commit("first")
    let second = try sample.commit("second")
    let undone = try repository.undo(nil, act: sample.act)
    #expect(try repository.commit("HEAD") == first)
    let note = try #require(try repository.operations(limit: 1).first).note
    #expect(note.message == "undo \(undone.sequence): \(undone.note.command)")
    _ = try repository.undo(nil, act: sample.act)
    #expect(try repository.commit("HEAD") == second)
  }

  @Test func `an operation in the middle is undone where its refs were left alone`() throws {
    let sample = try SampleRepository()
    let repository = sample.repository
    let first = try sample.commit("first")
    try repository.makeBranch("dev", at: first, force: false, act: sample.act)
    let number = try repository.store.log.lastSequence()
    try sample.commit("second")
    _ = try repository.undo(number, act: sample.act)
    #expect(try repository.branches().map(\.name) == ["main"])
    // Now it is not where that operation left it.
    do {
      _ = try repository.undo(number, act: sample.act)
      Issue.record("undone twice")
    } catch {
      guard case .cannotUndo(number, _) = error else { throw error }
    }
    // The first commit's branch has moved on.
    #expect(throws: HistoryError.self) { try repository.undo(2, act: sample.act) }
  }

  @Test func `what moved no ref is passed over, and what made the repository stays`() throws {
    let sample = try SampleRepository()
    let repository = sample.repository
    try sample.commit("first", ["a": .text("a")])
    try sample.commit("second", ["a": .text("b")])
    _ = try repository.cleanUp(act: sample.act)
    #expect(try repository.operations(limit: 1).first?.updates.isEmpty == true)
    #expect(try repository.undo(nil, act: sample.act).sequence == 3)
    #expect(throws: HistoryError.self) { try repository.undo(1, act: sample.act) }
    #expect(throws: HistoryError.self) { try repository.undo(99, act: sample.act) }
    #expect(throws: HistoryError.self) { try repository.undo(0, act: sample.act) }
  }
}
