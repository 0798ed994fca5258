import Digests
import Files
import Foundation
import Parallel
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// Every change a command makes to the file system is the last one once, and refused once.
@Suite struct FaultTests {
  static let isSlow = ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil

  /// A store with one commit, of which nothing is unsynced.
  static func settled() throws -> MemoryFiles {
    let files = MemoryFiles()
    try Sample.commit(step: 1, in: try ObjectStore.create(at: Sample.root, files: files))
    return files.afterwards(.none)
  }

  /// What may be wrong with the store after an accident: nothing that is not derived.
  static func problems(_ files: MemoryFiles) -> [Finding] {
    guard let store = try? ObjectStore(opening: Sample.root, files: files) else {
      return [.damagedLog(.notAStore(Sample.root))]
    }
    return store.verify(.full).filter { !$0.isHarmless }
  }

  /// The states after a kill or power cut that break a promise.
  static func violations(
    of files: MemoryFiles,
    acknowledged: Bool,
    seeds: UInt64
  ) throws -> [String] {
    var broken: [String] = []
    for cut in MemoryFiles.PowerCut.allCases {
      for seed in 1...(cut == .random ? seeds : 1) {
        let after = files.afterwards(cut, seed: seed)
        let problems = problems(after)
        if !problems.isEmpty {
          broken.append("\(cut) \(seed): \(problems)")
          continue
        }
        let store = try ObjectStore(opening: Sample.root, files: after)
        let step = try Sample.read(Sample.main, in: store)
        if step != 2, acknowledged || step != 1 { broken.append("\(cut) \(seed): \(step ?? 0)") }
        // Whatever was left behind, the command can be run again.
        try Sample.commit(step: 2, in: store)
        if try Sample.read(Sample.main, in: store) != 2 { broken.append("\(cut) \(seed): again") }
      }
    }
    return broken
  }

  @Test func `a kill or a power cut at any change leaves the old state or the new`() throws {
    let settled = try Self.settled()
    var change = 0
    var states = 0
    while true {
      let files = settled.afterwards(.none)
      files.setFault(.kill, at: change)
      let acknowledged: Bool
      do {
        let store = try ObjectStore(opening: Sample.root, files: files)
        try Sample.commit(step: 2, in: store)
        acknowledged = true
      } catch { acknowledged = false }
      let seeds: UInt64 = Self.isSlow ? 1_600 : 80
      #expect(
        try Self.violations(of: files, acknowledged: acknowledged, seeds: seeds) == [],
        "killed at \(files.changes.last ?? "")"
      )
      states += 4 + Int(seeds)
      if files.changes.count <= change { break }
      change += 1
    }
    #expect(change > 10 && states > (Self.isSlow ? 20_000 : 1_000), "\(change), \(states)")
  }

  @Test func `a store that is being made is none, or whole`() throws {
    var change = 0
    while true {
      let files = MemoryFiles()
      files.setFault(.kill, at: change)
      let isMade = (try? ObjectStore.create(at: Sample.root, files: files)) != nil
      for cut in MemoryFiles.PowerCut.allCases {
        for seed in 1...(cut == .random ? UInt64(20) : 1) {
          let after = files.afterwards(cut, seed: seed)
          let isThere = (try? ObjectStore(opening: Sample.root, files: after)) != nil
          #expect(isThere || !isMade)
          let store = try ObjectStore.create(at: Sample.root, files: after)
          try Sample.commit(step: 1, in: store)
          #expect(Self.problems(after) == [])
        }
      }
      if isMade { break }
      change += 1
    }
    #expect(change > 8)
  }

  @Test(arguments: ["fsync", "sync packs", "sync log"])
  func `the check notices a sync that is left out`(sync: String) throws {
    let files = MemoryFiles(try Self.settled().state.withLock { $0 }, ignoring: sync)
    let store = try ObjectStore(opening: Sample.root, files: files)
    try Sample.commit(step: 2, in: store)
    #expect(try !Self.violations(of: files, acknowledged: true, seeds: 6).isEmpty)
  }

  @Test(arguments: [Int32(28), 5])
  func `a refusal at any change is an error that changes nothing`(number: Int32) throws {
    let settled = try Self.settled()
    var change = 0
    var refusals = 0
    while true {
      let files = settled.afterwards(.none)
      files.setFault(.refuse(number), at: change)
      let store = try ObjectStore(opening: Sample.root, files: files)
      do {
        try Sample.commit(step: 2, in: store)
        // What is derived or only tidied up may be refused without harm.
        #expect(try Sample.read(Sample.main, in: store) == 2)
      } catch {
        refusals += 1
        if case .outcomeUnknown = error as? StorageError {
        } else {
          #expect(try Sample.read(Sample.main, in: store) == 1, "\(files.changes.last ?? "")")
        }
      }
      #expect(Self.problems(files) == [], "\(files.changes.last ?? "")")
      if files.changes.count <= change { break }
      try Sample.commit(step: 2, in: store)
      #expect(try Sample.read(Sample.main, in: store) == 2)
      change += 1
    }
    #expect(refusals >= 8)
  }

  @Test(arguments: [true, false])
  func `two writers at once lose nothing`(sameRef: Bool) throws {
    let settled = try Self.settled()
    let other = sameRef ? Sample.main : Sample.name("refs/heads/other")
    var change = 0
    var conflicts = 0
    while true {
      let files = settled.afterwards(.none)
      let store = try ObjectStore(opening: Sample.root, files: files)
      let second = Mutex<String?>(nil)
      files.setFault(
        .interrupt {
          do {
            let store = try ObjectStore(opening: Sample.root, files: files)
            try Sample.commit(step: 3, to: other, in: store)
          } catch { second.withLock { $0 = "\(error)" } }
        },
        at: change
      )
      do {
        try Sample.commit(step: 2, in: store)
        // The second writer may have come after this one was done.
        let step = try Sample.read(Sample.main, in: store)
        #expect(step == 2 || sameRef && step == 3)
      } catch StorageError.refMoved {
        conflicts += 1
        #expect(sameRef)
        #expect(try Sample.read(Sample.main, in: store) == 3)
      }
      #expect(second.withLock { $0 } == nil)
      let hasRun = files.changes.count > change
      if hasRun, !sameRef { #expect(try Sample.read(other, in: store) == 3) }
      #expect(Self.problems(files) == [])
      if !hasRun || change > 40 { break }
      change += 1
    }
    #expect(sameRef == (conflicts > 0))
  }

  @Test func `many writers in one process lose nothing`() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path.appending("store")
    _ = try ObjectStore.create(at: path)
    Workers(count: 4).perform(jobs: 4, scratch: {}) { writer, _ in
      for step in 0..<12 {
        do {
          let store = try ObjectStore(opening: path)
          try Sample.commit(step: step, to: Sample.name("refs/heads/w\(writer)"), in: store)
        } catch { Issue.record("\(error)") }
      }
    }
    let store = try ObjectStore(opening: path)
    #expect(try store.log.lastSequence() == 48)
    for writer in 0..<4 {
      #expect(try Sample.read(Sample.name("refs/heads/w\(writer)"), in: store) == 11)
    }
    #expect(store.verify(.full).filter { !$0.isHarmless } == [])
  }
}
