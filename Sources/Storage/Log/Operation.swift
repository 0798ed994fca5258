public import Digests
internal import JSON

/// A moment as the caller's clock says it. The store reads no clock.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Seconds since 1970-01-01T00:00:00Z.
  public let seconds: Int

  /// So many seconds since 1970.
  public init(seconds: Int) { self.seconds = seconds }

  /// Orders moments.
  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }
}

/// Who did something, and with what: written into the log as given.
public struct OperationNote: Hashable, Sendable {
  /// The person or account.
  public var actor: String
  /// The command line, or what stands for it.
  public var command: String
  /// What it was for.
  public var message: String
  /// Something that no two operations share, where the caller wants that.
  public var nonce: String

  /// A note for the log.
  public init(actor: String = "", command: String = "", message: String = "", nonce: String = "") {
    self.actor = actor
    self.command = command
    self.message = message
    self.nonce = nonce
  }
}

/// One entry of the operation log: what one transaction did.
public struct Operation: Hashable, Sendable {
  /// Its number, from 1.
  public let sequence: Int
  /// The digest of the operation before; nil for the first.
  public let previous: Digest?
  /// When it was done.
  public let time: Timestamp
  /// Who did it, and with what.
  public let note: OperationNote
  /// The packs it brought, by name.
  public let packs: [Digest]
  /// The refs it moved.
  public let updates: [RefUpdate]

  /// The document that is hashed and written.
  var document: JSONValue {
    [
      "actor": .string(note.actor), "command": .string(note.command),
      "message": .string(note.message), "nonce": .string(note.nonce),
      "packs": .array(packs.map { .string($0.description) }),
      "previous": .string(previous?.description ?? ""), "sequence": .integer(sequence),
      "time": .integer(time.seconds),
      "updates": .array(
        updates.map { update in
          [
            "name": .string(update.name.text), "new": Self.json(update.new),
            "old": Self.json(update.old),
          ]
        }
      ),
    ]
  }

  /// The updates that undo it; each counts only where its ref was not moved again.
  public var inverse: [RefUpdate] { updates.reversed().map(\.inverse) }
}

extension Operation {
  init(_ document: JSONValue) throws(StorageError) {
    guard let members = document.members, members.count == 9,
      let actor = document["actor"]?.string, let command = document["command"]?.string,
      let message = document["message"]?.string, let nonce = document["nonce"]?.string,
      let packs = document["packs"]?.elements, let previous = document["previous"]?.string,
      let sequence = document["sequence"]?.integer, let time = document["time"]?.integer,
      let updates = document["updates"]?.elements
    else { throw .notCanonical }
    self.sequence = sequence
    self.time = Timestamp(seconds: time)
    note = OperationNote(actor: actor, command: command, message: message, nonce: nonce)
    self.previous = previous.isEmpty ? nil : try Self.digest(previous)
    var names: [Digest] = []
    for pack in packs { names.append(try Self.digest(pack.string ?? "")) }
    self.packs = names
    var moves: [RefUpdate] = []
    for update in updates {
      guard update.members?.count == 3, let name = update["name"]?.string,
        let old = update["old"], let new = update["new"]
      else { throw .notCanonical }
      moves.append(
        RefUpdate(try RefName(name), from: try Self.value(old), to: try Self.value(new))
      )
    }
    self.updates = moves
  }

  private static func json(_ value: RefValue?) -> JSONValue {
    value.map { .string($0.description) } ?? .null
  }

  private static func value(_ json: JSONValue) throws(StorageError) -> RefValue? {
    if json.isNull { return nil }
    return try RefValue(parsing: json.string ?? "")
  }

  private static func digest(_ text: String) throws(StorageError) -> Digest {
    guard let digest = Digest(text) else { throw .notCanonical }
    return digest
  }
}
