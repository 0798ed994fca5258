internal import Digests
internal import History
internal import JSON
internal import Storage
internal import Tensors

/// What was staged, as it is shown.
struct StagingOutput: CommandOutput {
  private struct Row {
    let path: TrackedPath
    let action: String
    let what: String
    let byteCount: Int?
    let base: String
    let id: ObjectID?
  }

  private let rows: [Row]
  private let isPlan: Bool

  /// What staging did.
  init(changes: [StagedChange], repository: Repository) throws {
    isPlan = false
    var rows: [Row] = []
    for change in changes {
      let action =
        change.new == nil
        ? "removed" : change.old == nil ? "added" : change.old == change.new ? "same" : "changed"
      rows.append(
        Row(
          path: change.path, action: action, what: change.snapshot.map(Self.what) ?? "",
          byteCount: change.snapshot?.byteCount,
          base: try Self.base(of: change.snapshot, repository), id: change.new))
    }
    self.rows = rows
  }

  /// What staging would do.
  init(planned selection: WorkingSelection) {
    isPlan = true
    rows =
      selection.found.map {
        Row(
          path: $0.path, action: "would add",
          what: [$0.format, $0.method].compactMap { $0 }.joined(separator: " "),
          byteCount: $0.byteCount, base: "", id: nil)
      }
      + selection.removed.map {
        Row(path: $0, action: "would remove", what: "", byteCount: nil, base: "", id: nil)
      }
  }

  /// What a snapshot is, in a few words.
  static func what(_ snapshot: Snapshot) -> String {
    switch snapshot.content {
    case .adapter:
      [snapshot.method, "adapter"].compactMap { $0 }.joined(separator: " ") + ", "
        + snapshot.format
    case .checkpoint: "model"
    case .file: "file"
    }
  }

  /// The name of a snapshot's base, as it is shown; empty for what has none.
  static func base(of snapshot: Snapshot?, _ repository: Repository) throws -> String {
    guard let snapshot, snapshot.content != .file else { return "" }
    guard let id = snapshot.base else {
      return snapshot.content == .adapter ? "unknown base" : ""
    }
    return try repository.name(ofBase: id) ?? id.digest.short
  }

  func text(verbose: Bool) -> [String] {
    rows.map { row in
      var words = ["\(row.action) \(row.path)"]
      if !row.what.isEmpty { words.append("(\(row.what))") }
      if let count = row.byteCount { words.append(Numbers.bytes(count)) }
      if !row.base.isEmpty {
        words.append(row.base == "unknown base" ? "base unknown" : "base \(row.base)")
      }
      return Terminal.escaped(words.joined(separator: "  "))
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.add/1", "dry_run": .bool(isPlan),
      "paths": .array(
        rows.map { row in
          [
            "path": .string(row.path.text), "action": .string(row.action),
            "what": .string(row.what),
            "bytes": row.byteCount.map { .integer($0) } ?? .null,
            "base": row.base.isEmpty || row.base == "unknown base" ? .null : .string(row.base),
            "snapshot": row.id.map { .string($0.description) } ?? .null,
          ]
        }),
    ]
  }
}
