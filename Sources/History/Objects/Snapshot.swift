public import Digests
internal import JSON
public import Storage
public import Tensors

/// An adapter, a checkpoint or a plain file at one path, as it was at one time: its files, and what
/// they were recognised as.
public struct Snapshot: Kept, Hashable {
  /// What is at the path.
  public enum Content: String, Hashable, Sendable {
    /// An adapter of any layout.
    case adapter
    /// A model's weights.
    case checkpoint
    /// A file that is neither.
    case file
  }

  /// One of its files.
  public struct File: Hashable, Sendable {
    /// The number of bytes.
    public let byteCount: Int
    /// The plain BLAKE3 of all bytes, by which a file of the working tree is compared.
    public let digest: Digest
    /// The file's object, a `FileRecord`.
    public let file: ObjectID

    /// A file.
    public init(byteCount: Int, digest: Digest, file: ObjectID) {
      self.byteCount = byteCount
      self.digest = digest
      self.file = file
    }
  }

  /// Its object's kind.
  public static let kind = ObjectKind.snapshot

  /// What it is.
  public var content: Content
  /// The layout's name, such as `peft` or `mlx`; for a plain file `file`.
  public var format: String
  /// The training method's name; nil where it is unknown, and for what is no adapter.
  public var method: String?
  /// The id that receipts have for an adapter or a checkpoint; nil where it cannot be computed.
  public var contentID: Digest?
  /// The base it was trained on; nil where that is unknown.
  public var base: CheckpointID?
  /// What its own configuration says of the base.
  public var declaredBase: String?
  /// The files by their paths below the snapshot's; `""` for the file itself.
  public var files: [String: File]

  /// A snapshot of these files.
  public init(
    content: Content, format: String, method: String?, contentID: Digest?, base: CheckpointID?,
    declaredBase: String?, files: [String: File]
  ) {
    self.content = content
    self.format = format
    self.method = method
    self.contentID = contentID
    self.base = base
    self.declaredBase = declaredBase
    self.files = files
  }

  /// The bytes of all its files.
  public var byteCount: Int { files.values.reduce(0) { $0 + $1.byteCount } }

  /// Whether it is an adapter, and nobody knows of what base.
  public var hasUnknownBase: Bool { content == .adapter && base == nil }

  /// Whether it is a single file rather than a folder.
  public var isSingleFile: Bool { files[""] != nil }

  /// The snapshot's object.
  public var object: StoredObject {
    StoredObject(
      .snapshot,
      [
        "base": .optional(base?.digest), "content": .optional(contentID),
        "declared_base": .optional(declaredBase),
        "files": .object(
          files.map { path, file in
            .init(
              path,
              [
                "byte_count": .integer(file.byteCount), "digest": .string(file.digest.description),
                "file": .string(file.file.description),
              ])
          }),
        "format": .string(format), "kind": .string(content.rawValue), "method": .optional(method),
      ])
  }

  /// Its files.
  public var references: [Reference] { files.values.map { .object($0.file) } }

  /// Reads a snapshot's object.
  public init(_ object: StoredObject, id: ObjectID) throws(HistoryError) {
    let payload = try Payload(object, id: id, kind: .snapshot)
    try payload.requireMembers([
      "base", "content", "declared_base", "files", "format", "kind", "method",
    ])
    guard let content = Content(rawValue: try payload.string("kind")) else {
      throw payload.broken("is of an unknown kind")
    }
    self.content = content
    format = try payload.string("format")
    method = try payload.optionalString("method")
    contentID = try payload.optionalDigest("content")
    base = try payload.optionalDigest("base").map { CheckpointID($0) }
    declaredBase = try payload.optionalString("declared_base")
    var files: [String: File] = [:]
    for (path, file) in try payload.members(of: "files") {
      try file.requireMembers(["byte_count", "digest", "file"])
      if !path.isEmpty, let rule = TrackedPath.brokenRule(path) {
        throw payload.broken("has a file whose path \(rule)")
      }
      files[path] = File(
        byteCount: try file.byteCount(), digest: try file.digest("digest"),
        file: try file.objectID("file"))
    }
    guard files[""] == nil || files.count == 1 else {
      throw payload.broken("is a file and a folder")
    }
    guard !files.isEmpty else { throw payload.broken("has no files") }
    self.files = files
  }
}
