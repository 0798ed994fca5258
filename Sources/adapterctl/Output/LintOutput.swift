internal import Adapters
internal import JSON

/// What a program will refuse or get wrong, as it is shown.
struct LintOutput: CommandOutput {
  let linting: Linting
  /// The adapter, as the user wrote it.
  let name: String

  func text(verbose: Bool) -> [String] {
    guard !linting.findings.isEmpty else {
      return [Terminal.escaped("\(name): nothing that \(linting.target.rawValue) would refuse")]
    }
    return linting.findings.flatMap { finding in
      [
        "\(finding.effect.rawValue)  \(finding.rule): \(finding.sentence)",
        "  do: \(finding.remedy)",
      ] + (verbose ? ["  see: \(finding.source)"] : [])
    }.map(Terminal.escaped)
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.lint/1", "adapter": .string(name),
      "target": .string(linting.target.rawValue),
      "findings": .array(
        linting.findings.map { finding in
          [
            "rule": .string(finding.rule), "effect": .string(finding.effect.rawValue),
            "message": .string(finding.sentence), "source": .string(finding.source),
            "remedy": .string(finding.remedy),
          ]
        }),
    ]
  }
}
