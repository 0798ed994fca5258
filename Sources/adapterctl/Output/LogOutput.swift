internal import History
internal import JSON
internal import Storage

/// A log as a document. As text it is written while it is read; `LogText` has its lines.
struct LogOutput: CommandOutput {
  /// A commit of the log.
  struct Entry {
    let id: ObjectID
    let commit: Commit
    /// What it changed, where that was asked for.
    let changes: [CommitChange]?
  }

  let entries: [Entry]
  let lines: LogText

  func text(verbose: Bool) -> [String] {
    entries.flatMap { lines.lines($0.id, $0.commit, $0.changes) }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.log/1",
      "commits": .array(entries.map { $0.json(lines.decorations) }),
    ]
  }
}

extension LogOutput.Entry {
  /// The commit as a member of documents.
  func json(_ decorations: Decorations) -> JSONValue {
    var json: JSONValue = [
      "id": .string(id.description),
      "parents": .array(commit.parents.map { .string($0.description) }),
      "tree": .string(commit.tree.description),
      "author": commit.author.shown,
      "time": .integer(commit.time.seconds),
      "date": .string(CivilTime(commit.time).description),
      "subject": .string(commit.subject),
      "message": .string(commit.message),
      "trailers": .array(
        commit.trailers.map { ["key": .string($0.key), "value": .string($0.value)] }),
      "refs": .array(decorations[id].map { .string($0.text) }),
    ]
    if let changes { json.set("changes", to: .array(changes.map(\.shown))) }
    return json
  }
}

extension Signature {
  /// The person as a member of documents.
  var shown: JSONValue { ["name": .string(name), "email": .string(email)] }
}

extension CommitChange {
  /// The change as a member of documents.
  fileprivate var shown: JSONValue {
    var json: JSONValue = [
      "path": .string(entry.path.text), "status": .string(status.rawValue),
      "old": entry.old.map { .string($0.description) } ?? .null,
      "new": entry.new.map { .string($0.description) } ?? .null,
    ]
    json.set("base_unknown", to: .bool(hasUnknownBase))
    if let extent {
      json.set("base_changed", to: .bool(extent.changedBase))
      json.set(
        "tensors",
        to: [
          "changed": .integer(extent.changedTensorCount), "total": .integer(extent.tensorCount),
        ])
      json.set("files", to: .array(extent.changedFiles.map { .string($0) }))
      if let modules = extent.modules {
        json.set(
          "modules",
          to: .array(
            modules.map {
              [
                "module": .string($0.kind), "count": .integer($0.count),
                "old_norm": .number($0.oldNorm), "distance": .number($0.distance),
              ]
            }))
      }
    }
    return json
  }
}
