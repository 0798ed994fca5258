internal import Digests
internal import History
internal import Storage

/// Commits as lines for people.
struct LogText {
  let decorations: Decorations
  let palette: Palette
  var isOneLine = false

  /// The lines of a commit, without the empty one between two.
  func lines(_ id: ObjectID, _ commit: Commit, _ changes: [CommitChange]?) -> [String] {
    let names = decorated(id)
    if isOneLine {
      let digits = palette.paint(id.shortDigits, .id)
      return [digits + names + " " + Terminal.escaped(commit.subject)] + stat(changes ?? [])
    }
    var lines = [palette.paint("commit \(id)", .id) + names]
    if commit.parents.count > 1 {
      lines.append("Merge:  " + commit.parents.map(\.shortDigits).joined(separator: " "))
    }
    lines += Self.signed("Author", commit.author, commit.time)
    lines += [""] + Self.indented(commit.message)
    if let changes, !changes.isEmpty { lines += [""] + stat(changes) }
    return lines
  }

  /// Who and when, under aligned words.
  static func signed(_ word: String, _ signature: Signature, _ time: Timestamp) -> [String] {
    [
      Terminal.escaped("\(word): \(signature)"),
      "Date:" + String(repeating: " ", count: word.count - 3) + CivilTime(time).description,
    ]
  }

  /// A message, four spaces in.
  static func indented(_ message: String) -> [String] {
    Message(message).lines.map { line in
      line.isEmpty
        ? ""
        : "    "
          + line.split(separator: "\t", omittingEmptySubsequences: false)
          .map { Terminal.escaped(String($0)) }.joined(separator: "\t")
    }
  }

  /// A line for each entry that changed.
  func stat(_ changes: [CommitChange]) -> [String] {
    let extents = changes.contains { $0.extent != nil }
    let width = extents ? changes.map { Terminal.escaped($0.entry.path.text).count }.max() ?? 0 : 0
    return changes.flatMap { change -> [String] in
      let path = Terminal.escaped(change.entry.path.text)
      let status = palette.paint(change.status.rawValue, change.status.role)
      let base = change.hasUnknownBase ? "  (base unknown)" : ""
      guard let extent = change.extent else { return [" \(status) \(path)\(base)"] }
      let padding = String(repeating: " ", count: width - path.count)
      return [" \(status) \(path)\(padding)  \(Self.sentence(extent))\(base)"]
        + Self.modules(extent.modules ?? [])
    }
  }

  /// How far the modules of each kind moved.
  private static func modules(_ modules: [ChangedModules]) -> [String] {
    guard !modules.isEmpty else { return [] }
    var table = TextTable(header: ["module", "changed", "‖Δ−Δparent‖F", "relative"])
    for kind in modules {
      table.add([
        kind.kind, Numbers.grouped(kind.count), Numbers.significant(kind.distance),
        kind.oldNorm > 0 ? Numbers.significant(kind.distance / kind.oldNorm) : "",
      ])
    }
    return table.lines.map { " " + $0 }
  }

  /// `14 of 84 tensors, adapter_config.json`
  static func sentence(_ extent: CommitChange.Extent) -> String {
    var words: [String] = []
    if extent.changedTensorCount > 0 || (extent.tensorCount > 0 && !extent.changedBase) {
      words.append(
        "\(Numbers.grouped(extent.changedTensorCount)) of "
          + Numbers.count(extent.tensorCount, "tensor"))
    }
    let files = extent.changedFiles.filter { !$0.isEmpty }
    words += files.prefix(3).map(Terminal.escaped)
    if files.count > 3 { words.append(Numbers.count(files.count - 3, "other file")) }
    if extent.changedBase { words.append("its base") }
    if words.isEmpty { words.append("other bytes") }
    return words.joined(separator: ", ")
  }

  /// ` (HEAD -> main, tag: v1)`; empty for a commit without names.
  private func decorated(_ id: ObjectID) -> String {
    let labels = decorations[id]
    guard !labels.isEmpty else { return "" }
    let names = labels.map { label in
      switch label {
      case .headBranch(let name):
        palette.paint("HEAD -> ", .head) + palette.paint(name, .added)
      case .detachedHead: palette.paint(label.text, .head)
      case .branch, .other: palette.paint(label.text, .added)
      case .tag: palette.paint(label.text, .tag)
      }
    }
    return palette.paint(" (", .id) + names.joined(separator: palette.paint(", ", .id))
      + palette.paint(")", .id)
  }
}

extension Decorations.Label {
  /// The name as a log shows it.
  var text: String {
    switch self {
    case .detachedHead: "HEAD"
    case .headBranch(let name): "HEAD -> \(name)"
    case .branch(let name), .other(let name): name
    case .tag(let name): "tag: \(name)"
    }
  }
}

extension CommitChange.Status {
  /// The colour of its letter.
  var role: Palette.Role {
    switch self {
    case .added: .added
    case .modified: .modified
    case .deleted: .removed
    }
  }
}

extension ObjectID {
  /// The first 12 digits, as they are shown where space is short.
  var shortDigits: String { String(digest.hexadecimal.prefix(12)) }
}
