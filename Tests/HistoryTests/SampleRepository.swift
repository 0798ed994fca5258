import Digests
import Files
import Storage
import TestSupport
import Testing

@testable import History

/// A repository in a temporary directory, whose history tests write as they need it.
final class SampleRepository {
  /// What a path holds: tensors in one file, and files of text beside it; or one file of text.
  enum Content {
    case adapter(
      tensors: [String: [Float]], files: [String: String] = [:], weights: String = "w.st")
    case text(String)
  }

  let folder: TemporaryDirectory
  let repository: Repository
  /// The time of the next commit; each is a minute after the one before.
  var time = 1_700_000_000

  init() throws {
    folder = try TemporaryDirectory()
    let act = Act(actor: "Ada", command: "init", time: Timestamp(seconds: time))
    repository = try Repository.create(at: folder.path, act: act).repository
  }

  var act: Act { Act(actor: "Ada", command: "test", time: Timestamp(seconds: time)) }

  /// Commits edits on a branch, which is made at `from` where it is new; nil takes an entry out.
  @discardableResult
  func commit(
    _ message: String, _ edits: [String: Content?] = [:], on branch: String = "main",
    from start: ObjectID? = nil, merging others: [ObjectID] = [],
    by author: Signature = Signature(name: "Ada", email: "ada@example.org")
  ) throws -> ObjectID {
    time += 60
    let ref = try RefName.branch(branch)
    let repository = repository
    let time = Timestamp(seconds: time)
    var made: ObjectID?
    try repository.change(act) { transaction throws(HistoryError) in
      let old = try repository.refValue(ref)
      var parent = start
      if case .object(let id) = old { parent = id }
      var snapshots: [TrackedPath: ObjectID?] = [:]
      for (path, content) in edits {
        var snapshot: ObjectID?
        if let content { snapshot = try Self.put(content, transaction) }
        snapshots.updateValue(snapshot, forKey: try TrackedPath(path))
      }
      let tree = try repository.trees.write(
        try repository.tree(of: parent), setting: snapshots, in: transaction)
      let commit = Commit(
        tree: tree, parents: (parent.map { [$0] } ?? []) + others, author: author, time: time,
        message: message + "\n")
      let id = try Self.put(commit.object, transaction)
      made = id
      return [RefUpdate(ref, from: old, to: .object(id))]
    }
    return try #require(made)
  }

  /// Commits a tree by its id, which need not be stored, after parents that need not be either.
  func commit(tree: ObjectID, after parents: [ObjectID]) throws -> ObjectID {
    time += 60
    let commit = Commit(
      tree: tree, parents: parents, author: Signature(name: "Ada", email: ""),
      time: Timestamp(seconds: time), message: "by ids\n")
    try repository.change(act) { transaction throws(HistoryError) in
      _ = try Self.put(commit.object, transaction)
      return []
    }
    return commit.id
  }

  /// Makes or moves a ref to an object.
  func move(_ name: RefName, to id: ObjectID) throws {
    let repository = repository
    time += 60
    try repository.change(act) { _ throws(HistoryError) in
      [RefUpdate(name, from: try repository.refValue(name), to: .object(id))]
    }
  }

  /// Puts the head on a branch.
  func switchHead(to branch: String) throws {
    let repository = repository
    try repository.change(act) { _ throws(HistoryError) in
      let name = try RefName.branch(branch)
      return [RefUpdate(.head, from: try repository.refValue(.head), to: .symbolic(name))]
    }
  }

  /// Makes an annotated tag.
  @discardableResult
  func tag(_ name: String, _ target: ObjectID, message: String) throws -> ObjectID {
    let tag = Tag(
      target: target, name: name, tagger: Signature(name: "Ada", email: ""),
      time: Timestamp(seconds: time), message: message + "\n")
    try repository.change(act) { transaction throws(HistoryError) in
      [RefUpdate(try .tag(name), from: nil, to: .object(try Self.put(tag.object, transaction)))]
    }
    return tag.id
  }

  private static func put(
    _ object: StoredObject, _ transaction: Transaction
  ) throws(HistoryError) -> ObjectID {
    do { return try transaction.put(object) } catch { throw .storage(error) }
  }

  private static func put(
    _ content: Content, _ transaction: Transaction
  ) throws(HistoryError) -> ObjectID {
    switch content {
    case .text(let text):
      let file = try put(text, transaction)
      return try put(
        Snapshot(
          content: .file, format: "file", method: nil, contentID: nil, base: nil,
          declaredBase: nil, files: ["": file]
        ).object, transaction)
    case .adapter(let tensors, let texts, let weights):
      var files: [String: Snapshot.File] = [weights: try put(tensors, transaction)]
      for (name, text) in texts { files[name] = try put(text, transaction) }
      return try put(
        Snapshot(
          content: .adapter, format: "peft", method: "lora", contentID: nil, base: nil,
          declaredBase: "lab", files: files
        ).object, transaction)
    }
  }

  private static func put(
    _ text: String, _ transaction: Transaction
  ) throws(HistoryError) -> Snapshot.File {
    let bytes = Array(text.utf8)
    let chunks = try put(chunks: bytes, .bytes, transaction)
    return try put(
      bytes, segments: bytes.isEmpty ? [] : [.bytes(byteCount: bytes.count, chunks: chunks)],
      transaction)
  }

  private static func put(
    _ tensors: [String: [Float]], _ transaction: Transaction
  ) throws(HistoryError) -> Snapshot.File {
    var segments: [FileRecord.Segment] = []
    var all: [UInt8] = []
    for (name, elements) in tensors.sorted(by: { $0.key < $1.key }) {
      let bytes = elements.flatMap { element in
        (0..<4).map { UInt8(truncatingIfNeeded: element.bitPattern >> (8 * $0)) }
      }
      let tensor = TensorObject(
        elementType: "F32", extents: [elements.count], byteCount: bytes.count,
        chunks: try put(chunks: bytes, .binary32, transaction))
      segments.append(.tensor(try put(tensor.object, transaction), name: name))
      all += bytes
    }
    return try put(all, segments: segments, transaction)
  }

  private static func put(
    chunks bytes: [UInt8], _ layout: ElementLayout, _ transaction: Transaction
  ) throws(HistoryError) -> [Digest] {
    guard !bytes.isEmpty else { return [] }
    do { return try transaction.put([ChunkInput(bytes, layout: layout)]) } catch {
      throw .storage(error)
    }
  }

  private static func put(
    _ bytes: [UInt8], segments: [FileRecord.Segment], _ transaction: Transaction
  ) throws(HistoryError) -> Snapshot.File {
    let record = FileRecord(
      byteCount: bytes.count, digest: BLAKE3.digest(of: bytes), sha256: SHA256.digest(of: bytes),
      segments: segments)
    return Snapshot.File(
      byteCount: bytes.count, digest: record.digest, file: try put(record.object, transaction))
  }
}
