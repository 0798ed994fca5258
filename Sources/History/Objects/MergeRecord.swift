public import Digests
internal import JSON
public import Storage
public import Tensors

/// A merge that was made in the repository.
public struct MergeRecord: Kept, Hashable {
  /// An adapter that was merged.
  public struct Input: Hashable, Sendable {
    /// Its id by content, as receipts have it.
    public let content: Digest
    /// Where it was read from, as the user named it.
    public let path: String
    /// Its weight, as decimal text.
    public let weight: String
    /// The revision that the user named; nil for a path.
    public let revision: String?
    /// Its snapshot; nil where it was not read from the repository.
    public let snapshot: ObjectID?

    /// An adapter.
    public init(
      content: Digest, path: String, weight: String, revision: String?, snapshot: ObjectID?
    ) {
      self.content = content
      self.path = path
      self.weight = weight
      self.revision = revision
      self.snapshot = snapshot
    }
  }

  /// Its object's kind.
  public static let kind = ObjectKind.merge

  /// What was merged.
  public let adapters: [Input]
  /// Into what.
  public let base: CheckpointID
  /// What came out.
  public let merged: CheckpointID
  /// Where it was written, as the user named it.
  public let output: String
  /// The digest of the receipt's bytes; nil where none was written.
  public let receipt: Digest?
  /// When.
  public let time: Timestamp
  /// The record of the merge before this that gave the same model; nil for the first.
  public let earlier: ObjectID?

  /// A merge.
  public init(
    adapters: [Input], base: CheckpointID, merged: CheckpointID, output: String, receipt: Digest?,
    time: Timestamp, earlier: ObjectID? = nil
  ) {
    self.adapters = adapters
    self.base = base
    self.merged = merged
    self.output = output
    self.receipt = receipt
    self.time = time
    self.earlier = earlier
  }

  /// The merge's object. The first merge that gives a model names no earlier one.
  public var object: StoredObject {
    var json: JSONValue = [
      "adapters": .array(adapters.map(Self.json)), "base": .string(base.description),
      "merged": .string(merged.description), "output": .string(output),
      "receipt": .optional(receipt), "time": .integer(time.seconds),
    ]
    if let earlier { json.set("earlier", to: .string(earlier.description)) }
    return StoredObject(.merge, json)
  }

  /// The snapshots that were merged, the bytes of the receipt and the earlier record, which gc keeps.
  public var references: [Reference] {
    adapters.compactMap { $0.snapshot.map { .object($0) } } + (receipt.map { [.chunk($0)] } ?? [])
      + (earlier.map { [.object($0)] } ?? [])
  }

  /// Reads a merge's object.
  public init(_ object: StoredObject, id: ObjectID) throws(HistoryError) {
    let payload = try Payload(object, id: id, kind: .merge)
    let members: Set = ["adapters", "base", "merged", "output", "receipt", "time"]
    let hasEarlier = payload.value["earlier"] != nil
    try payload.requireMembers(hasEarlier ? members.union(["earlier"]) : members)
    earlier = hasEarlier ? ObjectID(try payload.digest("earlier")) : nil
    var adapters: [Input] = []
    for input in try payload.elements(of: "adapters") {
      try input.requireMembers(["content", "path", "revision", "snapshot", "weight"])
      adapters.append(
        Input(
          content: try input.digest("content"), path: try input.string("path"),
          weight: try input.string("weight"), revision: try input.optionalString("revision"),
          snapshot: try input.optionalDigest("snapshot").map { ObjectID($0) }))
    }
    self.adapters = adapters
    base = CheckpointID(try payload.digest("base"))
    merged = CheckpointID(try payload.digest("merged"))
    output = try payload.string("output")
    receipt = try payload.optionalDigest("receipt")
    time = Timestamp(seconds: try payload.integer("time"))
  }

  private static func json(_ input: Input) -> JSONValue {
    [
      "content": .string(input.content.description), "path": .string(input.path),
      "revision": .optional(input.revision), "snapshot": .optional(input.snapshot?.digest),
      "weight": .string(input.weight),
    ]
  }
}
