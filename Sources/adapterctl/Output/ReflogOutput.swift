internal import Digests
internal import History
internal import JSON
internal import Storage

/// Where a ref has been, as it is shown.
struct ReflogOutput: CommandOutput {
  let name: String
  let entries: [ReflogEntry]

  func text(verbose: Bool) -> [String] {
    entries.enumerated().map { number, entry in
      Terminal.escaped(
        "\(entry.object?.digest.short ?? "nothing        ") \(name)@{\(number)}: \(OperationText.summary(entry.operation))"
      )
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.reflog/1", "ref": .string(name),
      "entries": .array(
        entries.map { entry in
          [
            "object": entry.object.map { .string($0.description) } ?? .null,
            "operation": .integer(entry.operation.sequence),
            "time": .integer(entry.operation.time.seconds),
            "actor": .string(entry.operation.note.actor),
            "summary": .string(OperationText.summary(entry.operation)),
          ]
        }),
    ]
  }
}

/// Operations in words.
enum OperationText {
  /// What an operation did; its command where it says nothing.
  static func summary(_ operation: Operation) -> String {
    operation.note.message.isEmpty ? operation.note.command : operation.note.message
  }

  /// A ref's move.
  static func move(_ update: RefUpdate) -> String {
    "\(update.name): \(value(update.old)) → \(value(update.new))"
  }

  private static func value(_ value: RefValue?) -> String {
    switch value {
    case .object(let id): id.digest.short
    case .symbolic(let name): name.short
    case nil: "nothing"
    }
  }

  /// An operation as JSON.
  static func json(_ operation: Operation) -> JSONValue {
    [
      "number": .integer(operation.sequence), "time": .integer(operation.time.seconds),
      "actor": .string(operation.note.actor), "command": .string(operation.note.command),
      "summary": .string(summary(operation)),
      "updates": .array(
        operation.updates.map { update in
          [
            "ref": .string(update.name.text),
            "old": update.old.map { .string($0.description) } ?? .null,
            "new": update.new.map { .string($0.description) } ?? .null,
          ]
        }),
      "packs": .array(operation.packs.map { .string($0.description) }),
    ]
  }
}
