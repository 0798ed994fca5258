internal import JSON
public import Storage

/// A commit with a name and a message of its own: an annotated tag.
public struct Tag: Kept, Hashable {
  /// Its object's kind.
  public static let kind = ObjectKind.tag

  /// The commit.
  public let target: ObjectID
  /// The tag's name.
  public let name: String
  /// Who made it.
  public let tagger: Signature
  /// When.
  public let time: Timestamp
  /// Why; ends in a line feed.
  public let message: String

  /// An annotated tag.
  public init(
    target: ObjectID, name: String, tagger: Signature, time: Timestamp, message: String
  ) {
    self.target = target
    self.name = name
    self.tagger = tagger
    self.time = time
    self.message = message
  }

  /// The tag's object.
  public var object: StoredObject {
    StoredObject(
      .tag,
      [
        "message": .string(message), "name": .string(name), "tagger": tagger.json,
        "target": .string(target.description), "time": .integer(time.seconds),
      ])
  }

  /// The commit.
  public var references: [Reference] { [.object(target)] }

  /// Reads a tag's object.
  public init(_ object: StoredObject, id: ObjectID) throws(HistoryError) {
    let payload = try Payload(object, id: id, kind: .tag)
    try payload.requireMembers(["message", "name", "tagger", "target", "time"])
    target = try payload.objectID("target")
    name = try payload.string("name")
    tagger = try Signature(try payload.nested("tagger"))
    time = Timestamp(seconds: try payload.integer("time"))
    message = try payload.string("message")
  }
}
