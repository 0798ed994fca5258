internal import Digests
internal import History
internal import JSON
internal import Storage

/// A commit that was made, as it is shown.
struct CommitOutput: CommandOutput {
  private let committed: Committed
  private let changes: [(change: Status.Change, what: String)]

  init(committed: Committed, repository: Repository) throws {
    self.committed = committed
    changes = try committed.changes.map { change in
      var what = ""
      if let id = change.new ?? change.old {
        let snapshot = try repository.read(Snapshot.self, id)
        what = StagingOutput.what(snapshot) + (snapshot.hasUnknownBase ? ", base unknown" : "")
      }
      return (try repository.difference(change), what)
    }
  }

  func text(verbose: Bool) -> [String] {
    let place = committed.branch?.short ?? "detached"
    let root = committed.commit.parents.isEmpty ? " (first commit)" : ""
    var lines = ["[\(place)\(root) \(committed.id.digest.short)] \(committed.commit.subject)"]
    lines += changes.map { "  \($0.change.kind.rawValue) \($0.change.path) (\($0.what))" }
    return lines.map(Terminal.escaped)
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.commit/1", "commit": .string(committed.id.description),
      "tree": .string(committed.commit.tree.description),
      "parents": .array(committed.commit.parents.map { .string($0.description) }),
      "branch": committed.branch.map { .string($0.short) } ?? .null,
      "subject": .string(committed.commit.subject),
      "changes": .array(
        changes.map { change, _ in
          ["path": .string(change.path.text), "change": .string(change.kind.rawValue)]
        }),
    ]
  }
}
