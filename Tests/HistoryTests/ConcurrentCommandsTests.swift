import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import History

/// Commands of one repository at the same time.
@Suite struct ConcurrentCommandsTests {
  /// What another command does between the look at the refs and the commit of this one.
  private func between(
    _ workshop: Workshop, _ command: (Transaction) throws(HistoryError) -> [RefUpdate],
    _ other: () throws -> Void
  ) throws {
    var isFirst = true
    try workshop.repository.change(workshop.act()) { transaction throws(HistoryError) in
      let updates = try command(transaction)
      if isFirst {
        isFirst = false
        do { try other() } catch { Issue.record("\(error)") }
      }
      return updates
    }
  }

  @Test func `what another command stages meanwhile is seen`() throws {
    let workshop = try Workshop()
    let repository = workshop.repository
    for name in ["a", "b"] { try workshop.writeAdapter(name) }
    try workshop.add(["a"])
    let first = try workshop.commit().id
    // While nothing is staged, a guard demands that it stays so.
    var attempts = 0
    try between(workshop) { _ throws(HistoryError) in
      attempts += 1
      let head = try repository.head()
      return head.guarding([RefUpdate(try .branch("x\(attempts)"), from: nil, to: .object(first))])
    } _: {
      try workshop.add(["b"])
    }
    #expect(attempts == 2)
    #expect(try repository.refValue(.branch("x1")) == nil)
    // Guards are not written down.
    let sequence = try repository.store.log.lastSequence()
    #expect(
      try repository.store.log.operation(sequence).updates.map(\.name.text) == ["refs/heads/x2"])
  }

  private final class KeptFiles: Sendable {
    let files = Mutex<[String: [UInt8]]>([:])
  }

  /// Every thread adds and commits its own paths, alone and all that is staged.
  @Test(arguments: [1, 2] as [UInt64])
  func `adds and commits of many threads lose nothing`(seed: UInt64) async throws {
    let workshop = try Workshop()
    let root = workshop.root
    try workshop.write("0", "start")
    try workshop.add(["start"])
    try workshop.commit()
    let (threads, rounds) = Workshop.slow ? (16, 30) : (4, 6)
    let kept = KeptFiles()
    let repository = workshop.repository
    await withTaskGroup(of: Void.self) { group in
      for thread in 0..<threads {
        group.addTask {
          var generator = SeededGenerator(seed: seed * 1000 + UInt64(thread))
          for round in 0..<rounds {
            let name = "t\(thread)/f\(generator.index(below: 3))"
            let bytes = Array("\(thread) \(round)".utf8)
            do {
              let path = root.appending(name)
              try path.parent.createDirectories()
              try Data(bytes).write(to: URL(fileURLWithPath: path.text))
              var finding = Finding(repository)
              let found = try finding.find(at: path)
              let act = Act(
                actor: "T", command: "c", time: Timestamp(seconds: 1_800_000_100 + round))
              let execution = Workshop.execution(threads: 1)
              if generator.index(below: 2) == 0 {
                _ = try repository.stage(found, act: act, execution: execution)
                do {
                  _ = try repository.commit(
                    message: "all", author: Signature(name: "T", email: ""), act: act,
                    execution: execution)
                } catch HistoryError.nothingToCommit {
                  // Another thread committed it with its own.
                }
              } else {
                _ = try repository.commit(
                  message: "one", author: Signature(name: "T", email: ""), found: found,
                  act: act, execution: execution)
              }
              kept.files.withLock { $0[name] = bytes }
            } catch { Issue.record("\(error)") }
          }
        }
      }
    }
    let fresh = try Repository(around: root)
    #expect(Workshop.problems(fresh) == [])
    // Nothing that was committed was taken back by another thread's older view of the index.
    let tree = try fresh.tree(of: fresh.head().commit)
    for (name, bytes) in kept.files.withLock({ $0 }) {
      let id = try #require(try fresh.trees.snapshot(at: TrackedPath(name), in: tree), "\(name)")
      let file = try #require(try fresh.read(Snapshot.self, id).files[""])
      let stored = try Restoring(fresh, execution: Workshop.execution())
        .bytes(ofFile: file.file, limit: 1 << 20)
      #expect(stored == bytes, "\(name)")
    }
    #expect(try fresh.status(findsUntracked: false).unstaged.isEmpty)
  }
}
