import Adapters
import Files
import Foundation
import History
import Storage
import Synchronization
import TestSupport
import Testing

/// Many processes that commit, read and collect garbage in one repository, some of them killed.
@Suite(.serialized) struct StoreConcurrencyTests {
  private final class Counts: Sendable {
    let value = Mutex<(killed: Int, kept: [String: Int])>((0, [:]))
    let isDone = Atomic<Bool>(false)
  }

  @Test func `nothing that was acknowledged is lost`() throws {
    let session = try StoreSession()
    let (processes, rounds) = StoreSession.slow ? (32, 100) : (6, 8)
    let counts = Counts()
    let work = session.work
    let base = ["commit", "--threads", "1"]
    let group = DispatchGroup()
    // A path of folders is shared, files are not.
    for number in 0..<processes {
      group.enter()
      Thread.detachNewThread {
        defer { group.leave() }
        var generator = SeededGenerator(seed: UInt64(number))
        for round in 1...rounds {
          do {
            let name = "notes/n\(number)"
            let path = work.appending(name)
            try path.parent.createDirectories()
            try Data("\(round)".utf8).write(to: URL(fileURLWithPath: path.text))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Program.path.text)
            process.arguments = base + ["-m", "\(number) \(round)", name]
            process.environment = StoreSession.environment
            process.currentDirectoryURL = URL(fileURLWithPath: work.text)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            if generator.index(below: 20) == 0 {
              usleep(UInt32(generator.index(below: 200_000)))
              kill(process.processIdentifier, SIGKILL)
            }
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal {
              counts.value.withLock { $0.killed += 1 }
            } else if process.terminationStatus == 0 {
              counts.value.withLock { $0.kept[name, default: 0] += 1 }
            } else {
              Issue.record("\(name), round \(round): exit code \(process.terminationStatus)")
            }
          } catch { Issue.record("\(error)") }
        }
      }
    }
    let readers = DispatchGroup()
    for reader in 0..<2 {
      readers.enter()
      Thread.detachNewThread {
        defer { readers.leave() }
        while !counts.isDone.load(ordering: .relaxed) {
          do {
            let repository = try Repository(around: work)
            #expect(repository.store.verify(.fast) == [])
            if let head = try repository.head().commit {
              var walk = try CommitWalk(repository, from: [head])
              while try walk.next() != nil {}
            }
            if reader == 0 {
              do {
                _ = try repository.store.collectGarbage(
                  at: Timestamp(seconds: 1_800_000_000), references: HistoryReferences.of)
              } catch StorageError.locked {}
            }
          } catch { Issue.record("a reader: \(error)") }
          usleep(50_000)
        }
      }
    }
    group.wait()
    counts.isDone.store(true, ordering: .relaxed)
    readers.wait()
    #expect(StoreSession.problems(work) == [])
    let repository = try Repository(around: work)
    var walk = try CommitWalk(repository, from: [#require(try repository.head().commit)])
    var subjects: [String] = []
    while let (_, commit) = try walk.next() { subjects.append(commit.subject) }
    let (killed, kept) = counts.value.withLock { $0 }
    let acknowledged = kept.values.reduce(0, +)
    #expect(acknowledged <= subjects.count && subjects.count <= acknowledged + killed)
    #expect(Set(subjects).count == subjects.count)
    #expect(acknowledged + killed == processes * rounds)
    // The last commit of each path is what the tree has.
    let tree = try repository.tree(of: repository.head().commit)
    for number in 0..<processes {
      let last =
        subjects.filter { $0.hasPrefix("\(number) ") }
        .compactMap { Int($0.split(separator: " ")[1]) }.max() ?? 0
      let id = try #require(
        try repository.trees.snapshot(at: TrackedPath("notes/n\(number)"), in: tree))
      let file = try #require(try repository.read(Snapshot.self, id).files[""])
      let bytes = try Restoring(repository, execution: Execution()).bytes(
        ofFile: file.file, limit: 99)
      #expect(bytes == Array("\(last)".utf8))
    }
  }
}
