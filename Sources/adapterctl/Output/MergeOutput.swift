internal import Adapters
internal import Compute
internal import Digests
internal import Files
internal import JSON
internal import Tensors

/// A finished merge, as it is shown.
struct MergeOutput: CommandOutput {
  let report: MergeReport
  /// The base as the user named it.
  let base: String

  func text(verbose: Bool) -> [String] {
    let summary = report.summary
    var lines = [
      Terminal.escaped(
        "merged \(inputs) into \(base) as \(report.destination)")
    ]
    lines += (verbose ? everyTensor : byKind).lines
    let unchanged = summary.unchanged
    if !unchanged.isEmpty {
      lines.append(
        Terminal.escaped(
          "no stored value of \(Numbers.count(unchanged.count, "tensor")) changed: "
            + Failure.list(unchanged)))
    }
    let untouched = report.plan.tensors.count - summary.outcomes.count
    lines.append("\(Numbers.count(untouched, "other tensor")) copied")
    if let receipt = report.receipt {
      lines.append("base      \(receipt.baseID)")
      for input in receipt.adapters {
        lines.append(Terminal.escaped("adapter   \(input.id)  \(input.path)"))
      }
      lines.append("merged    \(receipt.mergedID)")
    }
    if report.residualByteCount > 0 {
      lines.append(
        "residual  \(Numbers.bytes(report.residualByteCount)): unmerge restores the base bit for bit"
      )
    }
    return lines
  }

  private var inputs: String {
    report.plan.adapters.map { weighted in
      weighted.weight == 1
        ? weighted.adapter.path.text
        : "\(weighted.adapter.path)=\(Numbers.significant(weighted.weight))"
    }.joined(separator: " + ")
  }

  /// One row for each kind of module, so that a large model fits on a screen.
  private var byKind: TextTable {
    var table = TextTable(
      header: ["module", "tensors", "rank", "‖Δ‖/‖W‖", "changed", "survival", "least"])
    var kinds: [String] = []
    var groups: [String: [TensorOutcome]] = [:]
    for outcome in report.summary.outcomes {
      let kind = outcome.tensor.kind
      if groups[kind] == nil { kinds.append(kind) }
      groups[kind, default: []].append(outcome)
    }
    for kind in kinds {
      let group = groups[kind] ?? []
      var sums = MergeSums()
      for outcome in group { sums.add(outcome.sums) }
      let ranks = Set(group.map(\.tensor.rankText)).sorted()
      table.add(
        [kind, Numbers.grouped(group.count), ranks.joined(separator: "/")] + Self.cells(sums)
          + [Numbers.significant(group.map(\.sums.survival).min() ?? 1)])
    }
    table.add(
      ["total", Numbers.grouped(report.summary.outcomes.count), ""]
        + Self.cells(report.summary.total) + [""])
    return table
  }

  private var everyTensor: TextTable {
    var table = TextTable(header: ["tensor", "rank", "‖Δ‖/‖W‖", "changed", "survival"])
    for outcome in report.summary.outcomes {
      table.add(
        [outcome.tensor.name.text, outcome.tensor.rankText] + Self.cells(outcome.sums))
    }
    table.add(["total", ""] + Self.cells(report.summary.total))
    return table
  }

  private static func cells(_ sums: MergeSums) -> [String] {
    [
      Numbers.significant(sums.relativeChange), Numbers.percent(sums.changedShare),
      Numbers.significant(sums.survival),
    ]
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.merge/1",
      "output": .string(report.destination.text),
      "base": .string(OpenOperands.named(report.plan.base.path.text)),
      "base_id": report.receipt.map { .string($0.baseID.description) } ?? .null,
      "merged_id": report.receipt.map { .string($0.mergedID.description) } ?? .null,
      "adapters": .array(
        report.plan.adapters.enumerated().map { position, weighted in
          [
            "path": .string(weighted.adapter.path.text), "weight": .number(weighted.weight),
            "method": .string(weighted.adapter.method.rawValue),
            "id": report.receipt.map { .string($0.adapters[position].id.description) } ?? .null,
          ]
        }),
      "residual_bytes": .integer(report.residualByteCount),
      "copied_tensors": .integer(
        report.plan.tensors.count - report.summary.outcomes.count),
      "total": Self.json(report.summary.total),
      "tensors": .array(report.summary.outcomes.map(Self.json)),
      "unmatched": .array(
        report.plan.unmatched.map { .string($0.target.description) }),
      "notes": .array(report.plan.notes.map { .string($0) }),
    ]
  }

  private static func json(_ outcome: TensorOutcome) -> JSONValue {
    var json = Self.json(outcome.sums)
    json.set("name", to: .string(outcome.tensor.name.text))
    json.set("new", to: .bool(outcome.tensor.isNew))
    json.set("dtype", to: .string(outcome.tensor.dtype.rawValue))
    json.set("before", to: outcome.before.map { .string($0.description) } ?? .null)
    json.set("after", to: outcome.after.map { .string($0.description) } ?? .null)
    json.set(
      "updates", to: .array(outcome.tensor.contributions.map { .string($0.update.kind) }))
    return json
  }

  private static func json(_ sums: MergeSums) -> JSONValue {
    [
      "elements": .integer(sums.elementCount), "changed": .integer(sums.changedCount),
      "survival": .number(sums.survival), "relative_change": .number(sums.relativeChange),
      "delta_norm": .number(sums.intendedSquares.squareRoot()),
      "base_norm": .number(sums.baseSquares.squareRoot()),
    ]
  }
}

extension PlannedTensor {
  /// The module's own name, or the parameter's where it is no weight: `q_proj`, `c_attn.bias`.
  fileprivate var kind: String {
    let parts = name.text.split(separator: ".").map(String.init)
    guard let last = parts.last else { return name.text }
    let module = parts.dropLast().last ?? ""
    return last == "weight" && !module.isEmpty ? module : parts.suffix(2).joined(separator: ".")
  }

  /// The rank of its update, `whole` for a replacement, `rows` for replaced rows.
  fileprivate var rankText: String {
    contributions.map { contribution in
      switch contribution.update.change {
      case .delta(let delta), .magnitude(let delta, _):
        return delta.rankBound.map(String.init) ?? "full"
      case .gain: return "gain"
      case .rotation: return "rotation"
      case .replacement: return "whole"
      case .rows: return "rows"
      }
    }.joined(separator: "+")
  }
}
