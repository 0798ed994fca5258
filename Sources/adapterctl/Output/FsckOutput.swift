internal import Digests
internal import History
internal import JSON
internal import Storage

/// What a check found, as it is shown.
struct FsckOutput: CommandOutput {
  let report: CheckReport
  let level: CheckLevel
  /// What was repaired before; nil where nothing was to be.
  let repaired: RepositoryRepair?

  func text(verbose: Bool) -> [String] {
    var lines = repaired.map(RepairText.lines) ?? []
    lines += report.findings.map { Terminal.escaped(FindingText.line($0)) }
    lines += report.affected.map { Terminal.escaped(Self.line($0)) }
    lines.append(summary)
    if report.isClean {
      lines.append("nothing is wrong")
    } else {
      let harmless = report.findings.count(where: \.isHarmless)
      lines.append(
        Numbers.count(report.findings.count, "finding")
          + (harmless > 0 ? ", of which \(harmless) harmless" : ""))
      if let repaired, repaired.store.isEmpty, harmless < report.findings.count {
        lines.append(
          "a copy of the repository gives back what it has: adapterctl fsck --repair --from COPY")
      }
    }
    return lines
  }

  private var summary: String {
    let counts = report.counts
    guard level != .fast else {
      return "checked the store and the log, \(Numbers.count(counts.refs, "ref"))"
    }
    let parts = [
      Numbers.count(counts.refs, "ref"), Numbers.count(counts.commits, "commit"),
      Numbers.count(counts.snapshots, "snapshot"), Numbers.count(counts.files, "file"),
      Numbers.count(counts.tensors, "tensor"), Numbers.count(counts.chunks, "chunk"),
    ]
    let read = level == .usual ? "" : "; \(Numbers.count(counts.readFiles, "file")) read whole"
    return "checked \(parts.joined(separator: ", "))\(read)"
  }

  private static func line(_ version: AffectedVersion) -> String {
    let commits =
      version.commitCount == 1
      ? "\(version.commit.digest.short)"
      : "\(version.commit.digest.short) and \(Numbers.count(version.commitCount - 1, "other commit"))"
    guard let path = version.path else { return "cannot be listed: \(commits)" }
    let files = version.files.filter { !$0.isEmpty }.prefix(3).joined(separator: ", ")
    return "cannot be given back whole: \(path) in \(commits)"
      + (files.isEmpty ? "" : " (\(files))")
  }

  var json: JSONValue {
    let counts = report.counts
    return [
      "schema": "adapterctl.fsck/1", "clean": .bool(report.isClean),
      "level": .string(levelName),
      "repaired": repaired.map(RepairText.json) ?? .null,
      "checked": [
        "refs": .integer(counts.refs), "commits": .integer(counts.commits),
        "snapshots": .integer(counts.snapshots), "files": .integer(counts.files),
        "tensors": .integer(counts.tensors), "chunks": .integer(counts.chunks),
        "files_read": .integer(counts.readFiles),
      ],
      "findings": .array(report.findings.map(FindingText.json)),
      "affected": .array(
        report.affected.map { version in
          [
            "path": version.path.map { .string($0.text) } ?? .null,
            "snapshot": version.snapshot.map { .string($0.description) } ?? .null,
            "commit": .string(version.commit.description),
            "commits": .integer(version.commitCount),
            "files": .array(version.files.map { .string($0) }),
          ]
        }),
    ]
  }

  private var levelName: String {
    switch level {
    case .fast: "fast"
    case .usual: "usual"
    case .full: "full"
    case .subset(let part, let count): "\(part + 1)/\(count)"
    }
  }
}
