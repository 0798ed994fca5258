internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// A finished unmerge, as it is shown.
struct UnmergeOutput: CommandOutput {
  let report: UnmergeReport

  func text(verbose: Bool) -> [String] {
    let adapters = report.plan.adapters.map(\.path.text).joined(separator: " + ")
    guard !report.isExact else {
      return [
        Terminal.escaped("took \(adapters) out of \(report.plan.merged.path)"),
        "every tensor is bit-identical to the base: \(Numbers.grouped(report.tensorCount)) of "
          + "\(Numbers.grouped(report.tensorCount)), "
          + "\(Numbers.grouped(report.touchedCount)) of them restored",
        "base      \(report.restoredID)",
        Terminal.escaped("written   \(report.destination)"),
      ]
    }
    var lines = [
      "\(Numbers.grouped(report.inexact.count)) of \(Numbers.grouped(report.tensorCount)) tensors "
        + "differ from the base: there is no residual, and a merged value does not tell how it was "
        + "rounded"
    ]
    if let bound = report.relativeErrorBound {
      lines.append(
        "the largest error of a tensor is below \(Numbers.significant(bound)) of its norm")
    }
    if !report.lost.isEmpty {
      lines.append(
        Terminal.escaped(
          "the adapter's own values stay in \(Failure.list(report.lost)): it replaced the base's"))
    }
    lines += report.inexact.prefix(verbose ? .max : 5).map { "  " + Terminal.escaped($0.text) }
    if !verbose, report.inexact.count > 5 {
      lines.append("  … and \(report.inexact.count - 5) more")
    }
    lines.append(
      report.isPublished
        ? Terminal.escaped("written   \(report.destination), inexact as asked")
        : "nothing was written; --inexact writes it all the same")
    return lines
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.unmerge/1",
      "exact": .bool(report.isExact),
      "published": .bool(report.isPublished),
      "output": .string(report.destination.text),
      "base_id": .string(report.plan.receipt.baseID.description),
      "restored_id": .string(report.restoredID.description),
      "tensors": .integer(report.tensorCount),
      "restored_tensors": .integer(report.touchedCount),
      "inexact": .array(report.inexact.map { .string($0.text) }),
      "lost": .array(report.lost.map { .string($0.text) }),
      "relative_error_bound": report.relativeErrorBound.map { .number($0) } ?? .null,
    ]
  }
}
