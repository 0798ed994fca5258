internal import Digests
internal import Files
internal import History
internal import JSON
internal import Storage

/// What a repair did, in words.
enum RepairText {
  /// The lines for people.
  static func lines(_ repair: RepositoryRepair) -> [String] {
    let report = repair.store
    guard !report.isEmpty else { return ["nothing was repaired"] }
    var lines: [String] = []
    if !report.quarantined.isEmpty {
      lines.append(
        "repaired: \(Numbers.count(report.quarantined.count, "damaged pack")) moved to quarantine")
    }
    if report.salvagedCount > 0 {
      lines.append("repaired: \(Numbers.count(report.salvagedCount, "record")) saved from them")
    }
    if report.fetchedCount > 0 {
      lines.append("repaired: \(Numbers.count(report.fetchedCount, "record")) found elsewhere")
    }
    if !report.restoredOperations.isEmpty {
      lines.append("repaired: \(operations(report.restoredOperations)) of the log found elsewhere")
    }
    if !report.lostOperations.isEmpty {
      lines.append("lost: \(operations(report.lostOperations)) of the log")
    }
    if report.hasRestartedLog {
      lines += [
        "repaired: the log starts anew with the refs that the rest of it tells",
        "  compare them with what you remember: adapterctl for-each-ref",
      ]
    }
    lines += repair.found.map { "found: a commit on no branch, now \($0.text)" }
    lines += report.removed.map {
      Terminal.escaped("repaired: \($0.name) removed, to be made anew")
    }
    lines += report.lost.map { "lost: \(name($0))" }
    return lines
  }

  /// The report as JSON.
  static func json(_ repair: RepositoryRepair) -> JSONValue {
    let report = repair.store
    func names(_ packs: [Digest]) -> JSONValue { .array(packs.map { .string($0.description) }) }
    return [
      "quarantined": names(report.quarantined), "written": names(report.written),
      "salvaged_records": .integer(report.salvagedCount),
      "fetched_records": .integer(report.fetchedCount),
      "restored_operations": .array(report.restoredOperations.map { .integer($0) }),
      "lost_operations": .array(report.lostOperations.map { .integer($0) }),
      "restarted_log": .bool(report.hasRestartedLog),
      "found": .array(repair.found.map { .string($0.text) }),
      "lost": .array(report.lost.map { .string(id($0)) }),
      "removed": .array(report.removed.map { .string($0.name) }),
    ]
  }

  /// `operation 3`, or `7 operations (1 to 7)`.
  private static func operations(_ numbers: [Int]) -> String {
    guard numbers.count > 1, let first = numbers.min(), let last = numbers.max() else {
      return "operation \(numbers.first ?? 0)"
    }
    return "\(Numbers.count(numbers.count, "operation")) (\(first) to \(last))"
  }

  private static func name(_ reference: Reference) -> String {
    switch reference {
    case .object(let id): "the object \(id)"
    case .chunk(let digest): "the chunk \(digest)"
    }
  }

  private static func id(_ reference: Reference) -> String {
    switch reference {
    case .object(let id): id.description
    case .chunk(let digest): digest.description
    }
  }
}
