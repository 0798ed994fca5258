import Files
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@testable import History

/// Files that change while they are added: an error, or what they were at one moment.
@Suite(.serialized) struct ChangingFilesTests {
  /// Bytes that are all of one version.
  private static func version(_ number: UInt8, count: Int) -> [UInt8] {
    [UInt8](repeating: number, count: count)
  }

  private final class Flag: Sendable { let value = Atomic<Bool>(false) }

  /// The ways in which another program may write.
  enum Change: CaseIterable, Sendable {
    case overwritten, truncated, appended, replaced, both
  }

  @Test(arguments: Change.allCases)
  func `a race is an error or one moment`(change: Change) throws {
    let workshop = try Workshop()
    // Files that were written just now are not trusted to their stamps.
    workshop.time = Int(Date().timeIntervalSince1970)
    let repository = workshop.repository
    let byteCount = 3 << 20
    let names = change == .both ? ["a/one", "a/two"] : ["one"]
    for name in names { try workshop.write(Self.version(0, count: byteCount), name) }
    let isDone = Flag()
    let root = workshop.root
    let finished = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      var generator = SeededGenerator(seed: 8)
      var number: UInt8 = 0
      while !isDone.value.load(ordering: .relaxed) {
        number &+= 1
        for name in names {
          Self.change(root.appending(name), change, to: number, count: byteCount)
        }
        usleep(UInt32(generator.index(below: 12_000)))
      }
      finished.signal()
    }
    var (kept, refused) = (0, 0)
    let rounds = (Workshop.slow ? 1000 : 50) / Change.allCases.count
    for round in 0..<rounds {
      do {
        var files: [Path] = names.map(root.appending)
        if change == .both { files = [root.appending("a/one"), root.appending("a/two")] }
        try keep(files, round, workshop)
        kept += 1
      } catch let error as HistoryError {
        switch error {
        case .changedWhileRead, .file(.truncated), .file(.notFound), .nothingToCommit: refused += 1
        default: Issue.record("\(error)")
        }
      }
    }
    isDone.value.store(true, ordering: .relaxed)
    finished.wait()
    #expect(kept + refused == rounds)
    let restoring = Restoring(repository, execution: Workshop.execution())
    var next = try repository.head().commit
    while let id = next {
      let commit = try repository.read(Commit.self, id)
      var versions: Set<UInt8> = []
      for (_, snapshot) in try repository.trees.entries(of: commit.tree) {
        for file in try repository.read(Snapshot.self, snapshot).files.values {
          let bytes = try #require(try restoring.bytes(ofFile: file.file, limit: 1 << 30))
          #expect(Self.isOneMoment(bytes), "\(change)")
          versions.formUnion(bytes.prefix(1))
        }
      }
      // Two files may be of neighbouring versions: their writer left them so for a while.
      #expect(versions.count <= 2)
      next = commit.parents.first
    }
    #expect(workshop.problems() == [])
    #expect(try repository.own("tmp").entryNames() == [])
  }

  /// Whether a file can ever have had these bytes: some of a version, then the rest of the one before.
  private static func isOneMoment(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first else { return true }
    let rest = bytes.drop { $0 == first }
    return rest.allSatisfy { $0 == first &- 1 }
  }

  private func keep(_ files: [Path], _ round: Int, _ workshop: Workshop) throws {
    var found: [Found] = []
    for file in files {
      var finding = Finding(workshop.repository)
      found += try finding.find(at: file)
    }
    _ = try workshop.repository.commit(
      message: "\(round)", author: Signature(name: "T", email: ""), found: found,
      act: workshop.act(), execution: Workshop.execution())
  }

  private static func change(_ path: Path, _ change: Change, to number: UInt8, count: Int) {
    let bytes = Data(version(number, count: count))
    let url = URL(fileURLWithPath: path.text)
    switch change {
    case .overwritten, .both:
      guard let handle = try? FileHandle(forWritingTo: url) else { return }
      try? handle.write(contentsOf: bytes)
      try? handle.close()
    case .truncated:
      guard let handle = try? FileHandle(forWritingTo: url) else { return }
      try? handle.truncate(atOffset: UInt64(Int(number) % 3) << 20)
      usleep(300)
      try? handle.truncate(atOffset: 0)
      try? handle.write(contentsOf: bytes)
      try? handle.close()
    case .appended:
      guard let handle = try? FileHandle(forWritingTo: url) else { return }
      try? handle.truncate(atOffset: 0)
      for _ in 0..<6 { try? handle.write(contentsOf: bytes.prefix(count / 6)) }
      try? handle.close()
    case .replaced: try? bytes.write(to: url, options: .atomic)
    }
  }
}
