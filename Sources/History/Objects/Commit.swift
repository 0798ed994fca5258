internal import JSON
public import Storage

/// A tree with its history: who made it when, from what, and why.
public struct Commit: Kept, Hashable {
  /// Its object's kind.
  public static let kind = ObjectKind.commit

  /// What it holds, a tree.
  public let tree: ObjectID
  /// The commits it follows; none for the first.
  public let parents: [ObjectID]
  /// Who made it.
  public let author: Signature
  /// When.
  public let time: Timestamp
  /// Why; ends in a line feed.
  public let message: String

  /// A commit.
  public init(
    tree: ObjectID, parents: [ObjectID], author: Signature, time: Timestamp, message: String
  ) {
    self.tree = tree
    self.parents = parents
    self.author = author
    self.time = time
    self.message = message
  }

  /// The message's first line.
  public var subject: String {
    message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first
      .map(String.init) ?? ""
  }

  /// The commit's object.
  public var object: StoredObject {
    StoredObject(
      .commit,
      [
        "author": author.json, "message": .string(message),
        "parents": .array(parents.map { .string($0.description) }),
        "time": .integer(time.seconds), "tree": .string(tree.description),
      ])
  }

  /// Its tree and its parents.
  public var references: [Reference] { [.object(tree)] + parents.map { .object($0) } }

  /// Reads a commit's object.
  public init(_ object: StoredObject, id: ObjectID) throws(HistoryError) {
    let payload = try Payload(object, id: id, kind: .commit)
    try payload.requireMembers(["author", "message", "parents", "time", "tree"])
    tree = try payload.objectID("tree")
    var parents: [ObjectID] = []
    for parent in try payload.elements(of: "parents") {
      parents.append(ObjectID(try parent.digest()))
    }
    self.parents = parents
    author = try Signature(try payload.nested("author"))
    time = Timestamp(seconds: try payload.integer("time"))
    message = try payload.string("message")
  }
}
