import Adapters
import Digests
import Files
import Foundation
import Parallel
import Storage
import TestSupport
import Testing

@testable import History

/// A repository in a directory of its own, and what tests do in it.
final class Workshop {
  static let slow = ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil

  let folder: TemporaryDirectory
  let repository: Repository
  var time = 1_800_000_000

  var root: Path { repository.root }

  init() throws {
    folder = try TemporaryDirectory()
    let act = Act(actor: "T", command: "init", time: Timestamp(seconds: 1_800_000_000))
    repository = try Repository.create(at: folder.path.appending("work"), act: act).repository
  }

  /// The act of a command; each is a second after the one before.
  func act(_ command: String = "test") -> Act {
    time += 1
    return Act(actor: "T", command: command, time: Timestamp(seconds: time))
  }

  static func execution(threads: Int = 2) -> Execution {
    Execution(workers: Workers(count: threads))
  }

  /// Writes a file below the top, folders above it included.
  func write(_ bytes: [UInt8], _ name: String) throws {
    let path = root.appending(name)
    try path.parent.createDirectories()
    if path.kind != nil || path.isLink { try path.removeTree() }
    try FileWriter(creating: path).write(bytes, at: 0)
  }

  func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }

  /// Writes an adapter that is recognised as one.
  func writeAdapter(
    _ name: String, seed: UInt64 = 1, rows: Int = 8, base: String? = nil
  ) throws {
    try write(Self.configuration(base: base), name + "/adapter_config.json")
    try write(Self.weights(seed: seed, rows: rows), name + "/adapter_model.safetensors")
  }

  static func configuration(base: String? = nil) -> String {
    let declared = base.map { #", "base_model_name_or_path": "\#($0)""# } ?? ""
    return #"{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["q_proj"]"#
      + declared + "}"
  }

  static func weights(seed: UInt64, rows: Int = 8) -> [UInt8] {
    let module = "base_model.model.model.layers.0.self_attn.q_proj"
    return FilledTensor.safetensors([
      FilledTensor("\(module).lora_A.weight", [2, rows], .f32, seed: seed),
      FilledTensor("\(module).lora_B.weight", [rows, 2], .f32, seed: seed &+ 1000),
    ])
  }

  @discardableResult
  func add(_ paths: [String], threads: Int = 2) throws -> [StagedChange] {
    var finding = Finding(repository)
    var found: [Found] = []
    for path in paths { found += try finding.find(at: root.appending(path)) }
    return try repository.stage(
      found, act: act("add"), execution: Self.execution(threads: threads))
  }

  @discardableResult
  func commit(_ message: String = "step", threads: Int = 2) throws -> Committed {
    try repository.commit(
      message: message, author: Signature(name: "T", email: "t@example.org"), act: act("commit"),
      execution: Self.execution(threads: threads))
  }

  /// All files below the top but the repository's own, by their paths.
  func files() throws -> [String: [UInt8]] { try Self.files(root) }

  static func files(_ top: Path, below prefix: String = "") throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try top.entryNames() where prefix != "" || name != ".adapterctl" {
      let entry = top.appending(name)
      if entry.isDirectory, !entry.isLink {
        files.merge(try Self.files(entry, below: prefix + name + "/")) { first, _ in first }
      } else if entry.isFile {
        files[prefix + name] = try FileReader.contents(of: entry, limit: 1 << 30)
      }
    }
    return files
  }

  /// What is wrong with the store: its own verification, and whatever the refs cannot reach.
  func problems() -> [String] { Self.problems(repository) }

  static func problems(_ repository: Repository) -> [String] {
    var problems = repository.store.verify(.full).map { "\($0)" }
    do {
      var waiting: [Reference] = []
      for case .object(let id) in try repository.refs().values { waiting.append(.object(id)) }
      var seen: Set<Reference> = []
      while let next = waiting.popLast() {
        guard seen.insert(next).inserted else { continue }
        switch next {
        case .chunk(let digest):
          let bytes = try repository.store.chunk(digest)
          if BLAKE3.digest(of: bytes) != digest { problems.append("wrong chunk") }
        case .object(let id):
          waiting += try HistoryReferences.of(try repository.store.object(id))
        }
      }
    } catch { problems.append("\(error)") }
    return problems
  }
}
