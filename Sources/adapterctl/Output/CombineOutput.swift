internal import Adapters
internal import Files
internal import JSON
internal import Tensors

/// A finished combination, as it is shown.
struct CombineOutput: CommandOutput {
  let report: CombineReport
  /// Where it was written, as the user named it.
  let output: String
  let dtype: DType

  private var plan: CombinePlan { report.plan }

  func text(verbose: Bool) -> [String] {
    var lines = [Terminal.escaped("combined \(plan.inputs) by \(plan.parameters) as \(output)")]
    lines += CombineTable(outcomes: report.outcomes, isWhole: verbose).lines
    if !report.zero.isEmpty {
      let names = report.zero.map { TensorName($0.description) }
      lines.append(
        Terminal.escaped(
          "\(Numbers.count(report.zero.count, "weight")) of zeros left out: " + Failure.list(names))
      )
    }
    if !plan.carried.isEmpty {
      lines.append("\(Numbers.count(plan.carried.count, "tensor")) kept whole")
    }
    lines.append("weights   \(Numbers.bytes(report.byteCount)) of \(dtype.rawValue)")
    return lines
  }

  var json: JSONValue {
    var json = plan.json(schema: "adapterctl.combine/1")
    json.set("output", to: .string(output))
    json.set("dtype", to: .string(dtype.rawValue))
    json.set("bytes", to: .integer(report.byteCount))
    json.set("norm", to: .number(report.norm))
    json.set("frobenius_error", to: .number(report.frobeniusError))
    json.set("weights", to: .array(report.outcomes.map(Self.json)))
    return json
  }

  private static func json(_ outcome: CombineOutcome) -> JSONValue {
    var json: JSONValue = [
      "module": .string(outcome.weight.target.module.path),
      "parameter": .string(outcome.weight.target.parameter),
      "members": .array(outcome.weight.members.map { .integer($0) }),
      "shape": [.integer(outcome.weight.extents.rows), .integer(outcome.weight.extents.columns)],
      "rank": .integer(outcome.rank), "norm": .number(outcome.norm),
      "spectral_norm": .number(outcome.spectralNorm),
      "spectral_error": .number(outcome.spectralError),
      "frobenius_error": .number(outcome.frobeniusError),
    ]
    let figures = outcome.figures
    if let tally = figures.tally {
      json.set("elements", to: .integer(tally.elementCount))
      json.set("kept", to: .array(tally.memberKept.map { .integer($0) }))
      json.set("sign_conflicts", to: .integer(tally.conflictCount))
    }
    if let cosine = figures.cosine { json.set("cosine", to: .number(cosine)) }
    if let ratio = figures.ratio { json.set("ratio", to: .number(ratio)) }
    if let value = figures.flatValue { json.set("singular_value", to: .number(value)) }
    return json
  }
}

/// A combination that would be, as `--dry-run` shows it.
struct CombinePlanOutput: CommandOutput {
  let plan: CombinePlan
  let memoryByteCount: Int

  func text(verbose: Bool) -> [String] {
    var lines = [Terminal.escaped("would combine \(plan.inputs) by \(plan.parameters)")]
    lines.append(
      "  \(Numbers.count(plan.weights.count, "weight")) to combine, "
        + "\(Numbers.count(plan.carried.count, "tensor")) to keep whole")
    lines.append("  about \(Numbers.bytes(memoryByteCount)) of memory")
    if verbose {
      var table = TextTable(header: ["weight", "shape", "members", "rank at most"])
      for weight in plan.weights {
        table.add(
          [
            weight.target.description, "\(weight.extents.rows) × \(weight.extents.columns)",
            weight.members.map { plan.members[$0].adapter.path.name }.joined(separator: " + "),
            String(weight.rankBound),
          ])
      }
      lines += table.lines
    }
    return lines
  }

  var json: JSONValue {
    var json = plan.json(schema: "adapterctl.combine-plan/1")
    json.set("memory_bytes", to: .integer(memoryByteCount))
    json.set(
      "weights",
      to: .array(
        plan.weights.map { weight in
          [
            "module": .string(weight.target.module.path),
            "parameter": .string(weight.target.parameter),
            "members": .array(weight.members.map { .integer($0) }),
            "shape": [.integer(weight.extents.rows), .integer(weight.extents.columns)],
            "rank_bound": .integer(weight.rankBound),
          ]
        }))
    return json
  }
}
