internal import Digests
internal import History
internal import JSON
internal import Storage

/// The branches, as they are shown.
struct BranchOutput: CommandOutput {
  /// A line: a branch, or what another repository has of one.
  struct Row {
    let name: String
    let commit: ObjectID
    let subject: String
    var isCurrent = false
    var isRemote = false
  }

  private let rows: [Row]
  /// The commit that the head is on without a branch.
  private let detached: Row?

  /// The branches of this repository and, where `remote` has some, those of others.
  init(
    branches: [Branch], remote: [ListedRef] = [], head: Head, repository: Repository
  ) throws {
    rows =
      try branches.map {
        Row(
          name: $0.name, commit: $0.commit,
          subject: try repository.read(Commit.self, $0.commit).subject, isCurrent: $0.isCurrent)
      }
      + remote.map {
        Row(name: $0.name.unambiguous, commit: $0.id, subject: $0.subject, isRemote: true)
      }
    var detached: Row?
    if head.branch == nil, let commit = head.commit {
      detached = Row(
        name: "(HEAD detached at \(commit.digest.short))", commit: commit,
        subject: try repository.read(Commit.self, commit).subject, isCurrent: true)
    }
    self.detached = detached
  }

  func text(verbose: Bool) -> [String] {
    let rows = (detached.map { [$0] } ?? []) + rows
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { row in
      let line = (row.isCurrent ? "* " : "  ") + row.name
      guard verbose else { return Terminal.escaped(line) }
      let padding = String(repeating: " ", count: width - row.name.count)
      return Terminal.escaped("\(line)\(padding)  \(row.commit.digest.short) \(row.subject)")
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.branch/1",
      "detached": detached.map { .string($0.commit.description) } ?? .null,
      "branches": .array(
        rows.map { row in
          [
            "name": .string(row.name), "commit": .string(row.commit.description),
            "current": .bool(row.isCurrent), "subject": .string(row.subject),
            "remote": .bool(row.isRemote),
          ]
        }),
    ]
  }
}

/// A branch that was made, moved, renamed or deleted: as in git, only what is gone is told.
struct BranchMoveOutput: CommandOutput {
  let name: String
  /// Its name before, where it was renamed.
  var oldName: String?
  let old: ObjectID?
  let new: ObjectID?

  func text(verbose: Bool) -> [String] {
    guard new == nil, let old else { return [] }
    return [Terminal.escaped("deleted \(name) (was \(old.digest.short))")]
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.branch-move/1", "name": .string(name),
      "old_name": oldName.map { .string($0) } ?? .null,
      "old": old.map { .string($0.description) } ?? .null,
      "new": new.map { .string($0.description) } ?? .null,
    ]
  }
}
