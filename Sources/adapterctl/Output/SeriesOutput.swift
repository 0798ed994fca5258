internal import Digests
internal import History
internal import JSON
internal import Storage

/// The commits that a training run became, as they are shown.
struct SeriesOutput: CommandOutput {
  let path: TrackedPath
  let steps: [SeriesCommit]

  func text(verbose: Bool) -> [String] {
    var table = TextTable(header: ["checkpoint", "step", "commit"] + metricNames)
    for step in steps {
      table.add(
        [step.step.name, String(step.step.number), step.committed?.id.digest.short ?? "-"]
          + metricNames.map { name in
            step.step.metrics.first { $0.key == name }.map(Self.shortened) ?? ""
          })
    }
    let count = steps.count { $0.committed != nil }
    return [Terminal.escaped("\(path): \(Numbers.count(count, "commit"))")] + table.lines
  }

  /// The losses, which say most; all else is in the commits.
  private var metricNames: [String] {
    ["loss", "eval_loss"].filter { name in
      steps.contains { $0.step.metrics.contains { $0.key == name } }
    }
  }

  private static func shortened(_ trailer: Trailer) -> String {
    Double(trailer.value).map(Numbers.significant) ?? trailer.value
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.add-series/1", "path": .string(path.text),
      "steps": .array(
        steps.map { step in
          [
            "checkpoint": .string(step.step.name), "step": .integer(step.step.number),
            "commit": step.committed.map { .string($0.id.description) } ?? .null,
            "metrics": .object(
              step.step.metrics.map { .init($0.key, .string($0.value)) }),
          ]
        }),
    ]
  }
}
