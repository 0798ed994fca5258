public import Digests
internal import JSON
public import Storage
public import Tensors

/// A registered base: a model that adapters belong to, pinned by content.
public struct Base: Kept, Hashable {
  /// A file of the model.
  public struct File: Hashable, Sendable {
    /// The number of bytes.
    public let byteCount: Int
    /// The plain BLAKE3 of its bytes; nil for a file of weights, whose tensors are known one by one.
    public let digest: Digest?
    /// The SHA-256 of its bytes, where it was asked for.
    public let sha256: SHA256Digest?

    /// A file.
    public init(byteCount: Int, digest: Digest?, sha256: SHA256Digest?) {
      self.byteCount = byteCount
      self.digest = digest
      self.sha256 = sha256
    }
  }

  /// Its object's kind.
  public static let kind = ObjectKind.base

  /// The id of all its tensors with their names.
  public let checkpoint: CheckpointID
  /// The tensors.
  public let tensors: [TensorName: TensorID]
  /// The files by their names.
  public let files: [String: File]
  /// Its bytes, where they are stored: a snapshot.
  public internal(set) var snapshot: ObjectID?
  /// Where the user says it comes from, such as a hub's name and revision.
  public let source: String?

  /// A base.
  public init(
    checkpoint: CheckpointID, tensors: [TensorName: TensorID], files: [String: File],
    snapshot: ObjectID?, source: String?
  ) {
    self.checkpoint = checkpoint
    self.tensors = tensors
    self.files = files
    self.snapshot = snapshot
    self.source = source
  }

  /// The base's object.
  public var object: StoredObject {
    StoredObject(
      .base,
      [
        "checkpoint": .string(checkpoint.description),
        "files": .object(
          files.map { name, file in
            .init(
              name,
              [
                "byte_count": .integer(file.byteCount), "digest": .optional(file.digest),
                "sha256": .optional(file.sha256?.hexadecimal),
              ])
          }),
        "snapshot": .optional(snapshot?.digest), "source": .optional(source),
        "tensors": .object(
          tensors.map { .init($0.key.text, .string($0.value.description)) }),
      ])
  }

  /// Its stored bytes.
  public var references: [Reference] { snapshot.map { [.object($0)] } ?? [] }

  /// Reads a base's object.
  public init(_ object: StoredObject, id: ObjectID) throws(HistoryError) {
    let payload = try Payload(object, id: id, kind: .base)
    try payload.requireMembers(["checkpoint", "files", "snapshot", "source", "tensors"])
    checkpoint = CheckpointID(try payload.digest("checkpoint"))
    snapshot = try payload.optionalDigest("snapshot").map { ObjectID($0) }
    source = try payload.optionalString("source")
    var files: [String: File] = [:]
    for (name, file) in try payload.members(of: "files") {
      try file.requireMembers(["byte_count", "digest", "sha256"])
      var sha256: SHA256Digest?
      if let text = try file.optionalString("sha256") {
        sha256 = SHA256Digest(hexadecimal: text)
        guard sha256 != nil else { throw payload.broken("has no SHA-256") }
      }
      files[name] = File(
        byteCount: try file.byteCount(), digest: try file.optionalDigest("digest"), sha256: sha256)
    }
    self.files = files
    var tensors: [TensorName: TensorID] = [:]
    for (name, tensor) in try payload.members(of: "tensors") {
      tensors[TensorName(name)] = TensorID(try tensor.digest())
    }
    self.tensors = tensors
  }
}
