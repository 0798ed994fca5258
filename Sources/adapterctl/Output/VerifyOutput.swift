internal import Adapters
internal import Compute
internal import JSON
internal import Tensors

/// A finished verification, as it is shown.
struct VerifyOutput: CommandOutput {
  let report: VerificationReport

  func text(verbose: Bool) -> [String] {
    var lines: [String] = []
    var counts: [(sentence: String, count: Int)] = []
    for finding in report.findings {
      let sentence = Self.sentence(finding)
      if let index = counts.firstIndex(where: { $0.sentence == sentence }) {
        counts[index].count += 1
      } else {
        counts.append((sentence, 1))
      }
    }
    for (sentence, count) in counts {
      lines.append(Terminal.escaped("\(Numbers.count(count, "tensor")): \(sentence)"))
    }
    let listed = verbose ? report.findings : report.failures
    if !listed.isEmpty {
      var table = TextTable(header: ["tensor", "verdict", "exact", "off", "largest (ulp)"])
      for finding in listed.prefix(verbose ? .max : 20) {
        let distance = finding.distance
        let total = distance.exactCount + distance.withinCount + distance.beyondCount
        table.add(
          [
            finding.name.text, finding.verdict.word,
            total > 0 ? Numbers.percent(Double(distance.exactCount) / Double(total)) : "",
            total > 0 ? Numbers.grouped(distance.withinCount + distance.beyondCount) : "",
            total > 0 ? String(distance.largest) : "",
          ])
      }
      lines += table.lines
      if !verbose, listed.count > 20 { lines.append("  … and \(listed.count - 20) more") }
    }
    lines.append(
      report.isRight
        ? "right: every tensor is base plus adapters"
        : "wrong: \(Numbers.count(report.failures.count, "tensor")) of "
          + "\(Numbers.grouped(report.findings.count)) not what base plus adapters give")
    return lines
  }

  private static func sentence(_ finding: VerificationReport.Finding) -> String {
    switch finding.verdict {
    case .exact: return finding.isTouched ? "merged, exact" : "the base's, exact"
    case .within: return "merged, within the tolerance"
    case .explained(let rounding): return "merged, \(rounding.rawValue)"
    case .unchanged: return "to be merged, but left as in the base"
    case .scaled(let factor): return "merged at \(Numbers.significant(factor)) times its scale"
    case .wrong: return "wrong"
    case .missing: return "missing"
    case .misshapen(let shape): return "of another shape, \(shape)"
    case .altered: return "not to be changed, but not the base's"
    case .unexpected: return "in neither base nor adapters"
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.verify/1",
      "right": .bool(report.isRight),
      "tolerance_ulp": .integer(Int(clamping: report.tolerance)),
      "tensors": .array(
        report.findings.map { finding in
          var json: JSONValue = [
            "name": .string(finding.name.text), "verdict": .string(finding.verdict.word),
            "right": .bool(finding.verdict.isRight), "touched": .bool(finding.isTouched),
            "exact": .integer(finding.distance.exactCount),
            "within": .integer(finding.distance.withinCount),
            "beyond": .integer(finding.distance.beyondCount),
            "largest_ulp": .integer(Int(clamping: finding.distance.largest)),
          ]
          if case .explained(let rounding) = finding.verdict {
            json.set("rounding", to: .string(rounding.rawValue))
          }
          if case .scaled(let factor) = finding.verdict { json.set("factor", to: .number(factor)) }
          return json
        }),
    ]
  }
}

extension VerificationReport.Verdict {
  /// A word for tables and scripts.
  var word: String {
    switch self {
    case .exact: return "exact"
    case .within: return "within"
    case .explained: return "explained"
    case .unchanged: return "unchanged"
    case .scaled: return "scaled"
    case .wrong: return "wrong"
    case .missing: return "missing"
    case .misshapen: return "misshapen"
    case .altered: return "altered"
    case .unexpected: return "unexpected"
    }
  }
}
