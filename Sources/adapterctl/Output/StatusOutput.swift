internal import Digests
internal import History
internal import JSON
internal import Storage

/// What differs, as it is shown.
struct StatusOutput: CommandOutput {
  let status: Status

  func text(verbose: Bool) -> [String] {
    var lines = [headLine]
    if status.head.commit == nil { lines.append("no commits yet") }
    lines += section("staged for the next commit:", status.staged, verbose)
    lines += section("changed in the working tree, not staged:", status.unstaged, verbose)
    if !status.untracked.isEmpty {
      lines.append("not tracked:")
      lines += status.untracked.map { found in
        let what = [found.method, found.format].compactMap { $0 }.joined(separator: ", ")
        return Terminal.escaped("  \(found.path)  (\(what), \(Numbers.bytes(found.byteCount)))")
      }
    }
    if !status.unkept.isEmpty {
      lines.append("cannot be tracked (rename them, or name them in .adapterctlignore):")
      lines += status.unkept.map { Terminal.escaped("  \($0.path)  (\($0.rule))") }
    }
    if !status.withoutBase.isEmpty {
      lines.append("base unknown (name it with: adapterctl add PATH --base NAME):")
      lines += status.withoutBase.map { Terminal.escaped("  \($0)") }
    }
    if status.isClean { lines.append("nothing to commit, working tree clean") }
    return lines
  }

  private var headLine: String {
    if let branch = status.head.branch { return "on branch \(branch.short)" }
    return "head detached at \(status.head.commit?.digest.short ?? "nothing")"
  }

  private func section(
    _ title: String, _ changes: [Status.Change], _ verbose: Bool
  ) -> [String] {
    guard !changes.isEmpty else { return [] }
    var lines = [title]
    for change in changes {
      let padding = String(repeating: " ", count: 10 - change.kind.rawValue.count)
      var line = "  \(change.kind.rawValue)\(padding)\(change.path)"
      let names = change.files.sorted { $0.key < $1.key }
        .filter { !$0.key.isEmpty }
        .map { $0.value == .modified ? $0.key : "\($0.key) (\($0.value.rawValue))" }
      if !names.isEmpty {
        let shown = verbose ? names[...] : names.prefix(3)
        line += ": " + shown.joined(separator: ", ")
        if names.count > shown.count { line += " and \(names.count - shown.count) more" }
      }
      lines.append(Terminal.escaped(line))
    }
    return lines
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.status/1",
      "branch": status.head.branch.map { .string($0.short) } ?? .null,
      "commit": status.head.commit.map { .string($0.description) } ?? .null,
      "clean": .bool(status.isClean),
      "staged": .array(status.staged.map(Self.json)),
      "unstaged": .array(status.unstaged.map(Self.json)),
      "untracked": .array(
        status.untracked.map { found in
          [
            "path": .string(found.path.text), "format": .string(found.format),
            "method": found.method.map { .string($0) } ?? .null,
            "bytes": .integer(found.byteCount),
          ]
        }),
      "untrackable": .array(
        status.unkept.map { ["path": .string($0.path), "rule": .string($0.rule)] }),
      "without_base": .array(status.withoutBase.map { .string($0.text) }),
    ]
  }

  private static func json(_ change: Status.Change) -> JSONValue {
    [
      "path": .string(change.path.text), "change": .string(change.kind.rawValue),
      "files": .object(
        change.files.sorted { $0.key < $1.key }
          .map { .init($0.key, .string($0.value.rawValue)) }),
    ]
  }
}
