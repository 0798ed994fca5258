import Adapters
import Digests
import Files
import JSON
import Parallel
import Storage
import TestSupport

@testable import History

/// A repository with a little history, for tests of what takes care of it.
final class CareFixture {
  static let execution = Execution(workers: Workers(count: 2))

  let folder: TemporaryDirectory
  let repository: Repository
  private var time = 1_800_000_000

  init(_ name: String = "work") throws {
    folder = try TemporaryDirectory()
    let act = Act(actor: "T", command: "init", time: Timestamp(seconds: 1_800_000_000))
    repository = try Repository.create(at: folder.path.appending(name), act: act).repository
  }

  var root: Path { repository.root }
  var store: ObjectStore { repository.store }

  /// The act of a command; each is a second after the one before.
  func act(_ command: String = "test", later seconds: Int = 1) -> Act {
    time += seconds
    return Act(
      actor: "T", command: command, time: Timestamp(seconds: time), patienceMilliseconds: 0)
  }

  /// The repository as another process would open it.
  func reopened() throws -> Repository { try Repository(around: root) }

  func write(_ bytes: [UInt8], _ name: String) throws {
    let path = root.appending(name)
    try path.parent.createDirectories()
    if path.kind != nil { try path.removeTree() }
    try FileWriter(creating: path).write(bytes, at: 0)
  }

  /// Writes an adapter whose weights take `rows` times 2 numbers.
  func writeAdapter(_ name: String, seed: UInt64, rows: Int = 8) throws {
    let configuration =
      #"{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["q_proj"]}"#
    let module = "base_model.model.model.layers.0.self_attn.q_proj"
    let weights = FilledTensor.safetensors([
      FilledTensor("\(module).lora_A.weight", [2, rows], .f32, seed: seed),
      FilledTensor("\(module).lora_B.weight", [rows, 2], .f32, seed: seed &+ 1000),
    ])
    try write(Array(configuration.utf8), name + "/adapter_config.json")
    try write(weights, name + "/adapter_model.safetensors")
  }

  /// Writes an adapter, stages it and commits it.
  @discardableResult
  func commit(_ name: String = "math", seed: UInt64, rows: Int = 8) throws -> Committed {
    try writeAdapter(name, seed: seed, rows: rows)
    var finding = Finding(repository)
    _ = try repository.stage(
      try finding.find(at: root.appending(name)), act: act("add"), execution: Self.execution)
    return try repository.commit(
      message: "step \(seed)", author: Signature(name: "T", email: "t@example.org"),
      act: act("commit"), execution: Self.execution)
  }

  /// The bytes of all files of a commit, by their paths, restored.
  func files(of commit: ObjectID) throws -> [String: [UInt8]] {
    let repository = try reopened()
    let out = folder.path.appending("out-\(UInt64.random(in: 0...UInt64.max))")
    try Restoring(repository, execution: Self.execution).write(
      try repository.trees.entries(of: try repository.tree(of: commit)), below: "", to: out,
      replacing: false)
    return try Self.contents(of: out)
  }

  /// The bytes of all files below a folder, by their paths.
  static func contents(of folder: Path, below prefix: String = "") throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try folder.entryNames() {
      let entry = folder.appending(name)
      if entry.isDirectory {
        files.merge(try contents(of: entry, below: prefix + name + "/")) { first, _ in first }
      } else {
        files[prefix + name] = try FileReader.contents(of: entry, limit: 1 << 30)
      }
    }
    return files
  }

  /// Puts objects, and points a ref at the last one.
  @discardableResult
  func plant(_ objects: [StoredObject], at ref: String = "refs/heads/planted") throws -> ObjectID {
    guard let last = objects.last else { preconditionFailure("an object") }
    let name = try RefName(ref)
    try repository.change(act("plant")) { transaction throws(HistoryError) in
      do throws(StorageError) {
        for object in objects { _ = try transaction.put(object) }
        return [RefUpdate(name, from: try store.log.value(of: name), to: .object(last.id))]
      } catch { throw .storage(error) }
    }
    return last.id
  }

  /// A commit of a tree, which need not be one.
  static func commit(of tree: ObjectID, message: String = "planted\n") -> StoredObject {
    Commit(
      tree: tree, parents: [], author: Signature(name: "T", email: "t@example.org"),
      time: Timestamp(seconds: 1_800_000_000), message: message
    ).object
  }

  /// The packs by size, the largest first.
  func packs() throws -> [Path] {
    let folder = repository.own("packs")
    return try folder.entryNames().map { folder.appending($0) }.sorted {
      ((try? FileReader($0).byteCount) ?? 0) > ((try? FileReader($1).byteCount) ?? 0)
    }
  }

  /// All names and bytes of the repository's own folder but for locks.
  func state() throws -> [String: [UInt8]] { try Self.contents(of: repository.own("")) }
}
