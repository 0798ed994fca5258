internal import Digests
internal import Files
internal import JSON
internal import Storage

/// What a repair did, in words.
enum RepairText {
  /// The lines for people.
  static func lines(_ report: RepairReport) -> [String] {
    guard !report.isEmpty else { return ["repaired: there was nothing to repair"] }
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
    lines += report.restoredOperations.map {
      "repaired: operation \($0) of the log found elsewhere"
    }
    lines += report.lostOperations.map { "lost: operation \($0) of the log" }
    if !report.lostOperations.isEmpty {
      lines.append(
        "repaired: the log starts anew with the refs that its other operations tell; compare them "
          + "with what you remember: adapterctl for-each-ref")
    }
    lines += report.removed.map {
      Terminal.escaped("repaired: \($0.name) removed, to be made anew")
    }
    lines += report.lost.map { "lost: \(name($0))" }
    return lines
  }

  /// The report as JSON.
  static func json(_ report: RepairReport) -> JSONValue {
    func names(_ packs: [Digest]) -> JSONValue { .array(packs.map { .string($0.description) }) }
    return [
      "quarantined": names(report.quarantined), "written": names(report.written),
      "salvaged_records": .integer(report.salvagedCount),
      "fetched_records": .integer(report.fetchedCount),
      "restored_operations": .array(report.restoredOperations.map { .integer($0) }),
      "lost_operations": .array(report.lostOperations.map { .integer($0) }),
      "lost": .array(report.lost.map { .string(id($0)) }),
      "removed": .array(report.removed.map { .string($0.name) }),
    ]
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
