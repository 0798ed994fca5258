public import Digests
internal import JSON
public import Storage

/// A file's bytes: segments that follow one another without gaps.
public struct FileRecord: Kept, Hashable {
  /// A part of a file.
  public enum Segment: Hashable, Sendable {
    /// Bytes as they are, in chunks of 1 MiB, the last of them shorter.
    case bytes(byteCount: Int, chunks: [Digest])
    /// The elements of a tensor, under the name that the file gives it.
    case tensor(ObjectID, name: String)
  }

  /// Its object's kind.
  public static let kind = ObjectKind.file

  /// The number of bytes.
  public let byteCount: Int
  /// The plain BLAKE3 of all bytes.
  public let digest: Digest
  /// The SHA-256 of all bytes, which model hubs list.
  public let sha256: SHA256Digest
  /// The parts, in order.
  public let segments: [Segment]

  /// A file of these parts.
  public init(byteCount: Int, digest: Digest, sha256: SHA256Digest, segments: [Segment]) {
    self.byteCount = byteCount
    self.digest = digest
    self.sha256 = sha256
    self.segments = segments
  }

  /// The tensors in it, under their names.
  public var tensors: [(name: String, id: ObjectID)] {
    segments.compactMap { segment in
      guard case .tensor(let id, let name) = segment else { return nil }
      return (name, id)
    }
  }

  /// The file's object.
  public var object: StoredObject {
    StoredObject(
      .file,
      [
        "byte_count": .integer(byteCount), "digest": .string(digest.description),
        "segments": .array(segments.map(Self.json)), "sha256": .string(sha256.hexadecimal),
      ])
  }

  /// Its chunks and its tensors.
  public var references: [Reference] {
    segments.flatMap { segment -> [Reference] in
      switch segment {
      case .bytes(_, let chunks): chunks.map { .chunk($0) }
      case .tensor(let id, _): [.object(id)]
      }
    }
  }

  /// Reads a file's object.
  public init(_ object: StoredObject, id: ObjectID) throws(HistoryError) {
    let payload = try Payload(object, id: id, kind: .file)
    try payload.requireMembers(["byte_count", "digest", "segments", "sha256"])
    byteCount = try payload.byteCount()
    digest = try payload.digest("digest")
    guard let sha256 = SHA256Digest(hexadecimal: try payload.string("sha256")) else {
      throw payload.broken("has no SHA-256")
    }
    self.sha256 = sha256
    var segments: [Segment] = []
    for segment in try payload.elements(of: "segments") {
      segments.append(try Self.segment(segment))
    }
    self.segments = segments
  }

  private static func segment(_ payload: Payload) throws(HistoryError) -> Segment {
    guard payload.value["tensor"] == nil else {
      try payload.requireMembers(["name", "tensor"])
      return .tensor(try payload.objectID("tensor"), name: try payload.string("name"))
    }
    try payload.requireMembers(["byte_count", "chunks"])
    let byteCount = try payload.byteCount()
    var chunks: [Digest] = []
    for chunk in try payload.elements(of: "chunks") { chunks.append(try chunk.digest()) }
    guard chunks.count == TensorObject.chunkCount(ofBytes: byteCount) else {
      throw payload.broken("has a wrong number of chunks")
    }
    return .bytes(byteCount: byteCount, chunks: chunks)
  }

  private static func json(_ segment: Segment) -> JSONValue {
    switch segment {
    case .bytes(let byteCount, let chunks):
      [
        "byte_count": .integer(byteCount),
        "chunks": .array(chunks.map { .string($0.description) }),
      ]
    case .tensor(let id, let name):
      ["name": .string(name), "tensor": .string(id.description)]
    }
  }
}
