internal import Digests
internal import Evaluation
internal import JSON

/// A finished run of a suite with its gates, as it is shown.
struct EvaluateOutput: CommandOutput {
  let run: SuiteRun
  let gates: [Gate]
  let mode: Gate.Mode

  /// What the gates say together.
  var verdict: Gate.Verdict {
    let verdicts = judged.map(\.verdict)
    if verdicts.contains(.failed) { return .failed }
    return verdicts.contains(.inconclusive) ? .inconclusive : .passed
  }

  private var judged: [(gate: Gate, target: String, verdict: Gate.Verdict)] {
    gates.flatMap { gate in
      run.entries.dropFirst().compactMap { entry in
        gate.verdict(of: entry, in: run, mode: mode).map { (gate, entry.target.name, $0) }
      }
    }
  }

  func text(verbose: Bool) -> [String] {
    var lines: [String] = []
    for number in run.tasks.indices {
      if number > 0 { lines.append("") }
      lines += text(ofTask: number)
    }
    if !gates.isEmpty { lines.append("") }
    for (gate, target, verdict) in judged {
      lines.append(Terminal.escaped("\(verdict.rawValue): \(gate.text) of \(target)"))
    }
    if verbose {
      lines.append("")
      lines.append("suite \(run.prepared.suite.digest)")
      lines.append("tokenizer \(run.prepared.tokenizer)")
      lines.append(
        "inputs of at most \(run.prepared.length) tokens, computed in fp32 by \(run.kernels)")
    }
    return lines
  }

  private func text(ofTask number: Int) -> [String] {
    let task = run.tasks[number]
    let kind = task.task
    let tokens = run.entries[0].losses[number].sum(kind.mask).tokens
    var title = kind.name
    if let role = kind.role { title += " (\(role.rawValue))" }
    title += ": \(Numbers.count(task.documentCount, "document"))"
    if task.documentCount < task.totalCount { title += " of \(Numbers.grouped(task.totalCount))" }
    title += ", \(Numbers.count(tokens, "token")) scored"
    if kind.mask != .all { title += " (\(kind.mask.rawValue))" }
    if task.truncatedCount > 0 { title += ", \(task.truncatedCount) cut to fit" }
    var lines = [Terminal.escaped(title)]
    var table = TextTable(
      header: ["target", "nll", "ppl", kind.kind.isText ? "bits/byte" : "greedy", "vs base", "±"])
    for entry in run.entries {
      let loss = entry.losses[number]
      var row = [
        entry.target.name, Numbers.significant(loss.loss(kind.mask)),
        Numbers.significant(loss.perplexity(kind.mask)),
        kind.kind.isText
          ? Numbers.significant(loss.bitsPerByte) : Numbers.percent(loss.greedyShare),
      ]
      if entry.target.form != .base {
        let difference = run.difference(of: entry, task: number)
        row.append((difference.delta > 0 ? "+" : "") + Numbers.significant(difference.delta))
        row.append(difference.standardError.map(Numbers.significant) ?? "")
      }
      table.add(row)
    }
    lines += table.lines
    return lines
  }

  var json: JSONValue {
    var json = run.json
    if !gates.isEmpty {
      json.set(
        "gates",
        to: [
          "mode": .string(mode.rawValue), "verdict": .string(verdict.rawValue),
          "results": .array(
            judged.map { gate, target, verdict in
              [
                "gate": .string(gate.text), "task": .string(gate.task), "target": .string(target),
                "verdict": .string(verdict.rawValue),
              ]
            }),
        ])
    }
    return json
  }
}
