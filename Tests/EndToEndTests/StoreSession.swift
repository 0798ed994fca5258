import Digests
import Files
import Foundation
import History
import Storage
import TestSupport

/// A repository that the built program works in, and a look into it by the library.
struct StoreSession {
  static let slow = ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil
  /// A fixed person and a fixed moment: the same commands make the same ids.
  static let environment = [
    "ADAPTERCTL_AUTHOR_NAME": "T", "ADAPTERCTL_AUTHOR_EMAIL": "t@example.org",
    "ADAPTERCTL_TIME": "1800000000", "HOME": "/nonexistent",
  ]

  let program: Program
  var work: Path { program.folder.path.appending("work") }

  init() throws {
    program = try Program()
    _ = try Repository.create(
      at: work, act: Act(actor: "T", command: "init", time: Timestamp(seconds: 1_800_000_000)))
  }

  /// One with two commits of the adapter `math`, and the branch `first` at the first of them.
  static func withTwoCommits() throws -> StoreSession {
    let session = try StoreSession()
    try session.take(step: 450, as: "math")
    try session.run(["add", "math"])
    try session.run(["commit", "-m", "First"])
    try session.run(["branch", "first"])
    try session.take(step: 600, as: "math")
    try session.run(["commit", "-a", "-m", "Second"])
    return session
  }

  @discardableResult
  func run(_ arguments: [String], in folder: String = "work") throws -> Program.Outcome {
    try program.run(["-C", folder] + arguments, environment: Self.environment)
  }

  /// Puts a step of a run of the lab into the working tree.
  func take(step: Int, as name: String) throws {
    let source = Fixtures.folder.appending("lab/runs/lora-r8/checkpoint-\(step)")
    try work.appending(name).createDirectories()
    for file in try source.entryNames() {
      let target = work.appending(name).appending(file)
      try target.removeTree()
      try FileWriter.copy(source.appending(file), creating: target)
    }
  }

  /// All refs, as text; nil where there is no repository.
  static func refs(_ work: Path) -> [String: String]? {
    guard let repository = try? Repository(around: work), repository.root == work.resolved,
      let refs = try? repository.refs(), !refs.isEmpty
    else { return nil }
    return Dictionary(uniqueKeysWithValues: refs.map { ($0.key.text, $0.value.description) })
  }

  /// The files of a working tree.
  static func files(_ top: Path) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try top.entryNames() where name != ".adapterctl" {
      let entry = top.appending(name)
      if entry.isDirectory {
        for (inner, bytes) in try Self.files(entry) { files[name + "/" + inner] = bytes }
      } else {
        files[name] = try FileReader.contents(of: entry, limit: 1 << 30)
      }
    }
    return files
  }

  /// What is wrong with a store: its own full verification, and what the refs cannot reach.
  static func problems(_ work: Path) -> [String] {
    do {
      let repository = try Repository(around: work)
      var problems = repository.store.verify(.full).map { "\($0)" }
      var waiting: [Reference] = []
      for case .object(let id) in try repository.refs().values { waiting.append(.object(id)) }
      var seen: Set<Reference> = []
      while let next = waiting.popLast() {
        guard seen.insert(next).inserted else { continue }
        switch next {
        case .chunk(let digest):
          if BLAKE3.digest(of: try repository.store.chunk(digest)) != digest {
            problems.append("other bytes than \(digest)")
          }
        case .object(let id):
          waiting += try HistoryReferences.of(try repository.store.object(id))
        }
      }
      return problems
    } catch { return ["\(error)"] }
  }

  /// What commands must not leave in the repository's folder.
  static func leftovers(_ work: Path) -> [String] {
    ["tmp", "checkouts"].flatMap { folder in
      ((try? work.appending(".adapterctl").appending(folder).entryNames()) ?? [])
        .map { folder + "/" + $0 }
    }
  }
}
