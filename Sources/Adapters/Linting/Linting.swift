internal import Files

/// An adapter looked over for one program: what it will refuse or silently get wrong.
public struct Linting: Sendable {
  /// The program.
  public let target: LintTarget
  /// What was found, in the order of the rules.
  public let findings: [LintFinding]

  /// The rank that vLLM is started with unless it is told otherwise (`max_lora_rank`).
  public static let usualRankLimit = 16
  /// How many names a sentence has.
  private static let nameLimit = 3

  /// Looks over an adapter; reads no payload. `rankLimit` is the largest rank that the program takes.
  public init(_ adapter: Adapter, for target: LintTarget, rankLimit: Int = usualRankLimit) {
    self.target = target
    let subject = LintSubject(adapter, rankLimit: rankLimit)
    findings = LintRule.all.filter { $0.targets.contains(target) }.compactMap { rule in
      let names = rule.find(subject)
      guard !names.isEmpty else { return nil }
      func filled(_ text: String) -> String {
        text.replacing("RANK", with: String(rankLimit))
          .replacing("ADAPTER", with: adapter.path.text)
      }
      let more = names.count - Self.nameLimit
      return LintFinding(
        rule: rule.name, effect: rule.effect,
        sentence: filled(rule.what) + " "
          + names.prefix(Self.nameLimit).joined(separator: ", ")
          + (more > 0 ? " and \(more) more" : ""),
        source: rule.source, remedy: filled(rule.remedy))
    }
  }
}
