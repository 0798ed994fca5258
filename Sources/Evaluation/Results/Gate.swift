/// A condition on a run, by which scripts decide.
public struct Gate: Hashable, Sendable {
  /// What is asked for.
  public enum Condition: Hashable, Sendable {
    /// A metric of a task on the right side of a bound.
    case bound(Metric, isUpper: Bool, value: Double)
    /// A loss per token that is at most `margin` nats above the base's.
    case noRegression(margin: Double)
  }

  /// The metrics that a bound may be put on.
  public enum Metric: String, Hashable, Sendable, CaseIterable {
    case nll
    case perplexity
    case bitsPerByte = "bits_per_byte"
    case greedy
  }

  /// How sure a comparison has to be, by one-sided bounds of 95 % from the paired error.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// Fails only where a loss beyond the margin is shown.
    case notDisproved = "not-disproved"
    /// Passes only where a loss within the margin is shown; inconclusive where neither is.
    case proved
    /// By the difference itself.
    case point
  }

  /// What became of a gate.
  public enum Verdict: String, Hashable, Sendable {
    case passed
    case failed
    case inconclusive
  }

  /// The gate as the user wrote it.
  public let text: String
  /// The task.
  public let task: String
  /// What is asked for.
  public let condition: Condition

  /// Reads `TASK.METRIC<=VALUE` or `TASK.METRIC>=VALUE`; nil for anything else.
  public init?(requiring text: String) {
    for (sign, isUpper) in [("<=", true), (">=", false)] {
      guard let place = text.firstRange(of: sign) else { continue }
      let left = Self.trimmed(text[..<place.lowerBound])
      guard let dot = left.lastIndex(of: "."),
        let metric = Metric(rawValue: String(left[left.index(after: dot)...])),
        let value = Double(Self.trimmed(text[place.upperBound...])), value.isFinite
      else { return nil }
      self.text = text
      task = String(left[..<dot])
      condition = .bound(metric, isUpper: isUpper, value: value)
      return
    }
    return nil
  }

  /// Reads `TASK` or `TASK=MARGIN`, a margin in nats per token from 0; nil for anything else.
  public init?(noRegression text: String) {
    var margin = 0.0
    var name = Substring(text)
    if let sign = text.lastIndex(of: "=") {
      guard let value = Double(Self.trimmed(text[text.index(after: sign)...])), value >= 0,
        value.isFinite
      else { return nil }
      margin = value
      name = text[..<sign]
    }
    let task = String(Self.trimmed(name))
    guard !task.isEmpty else { return nil }
    self.text = text
    self.task = task
    condition = .noRegression(margin: margin)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// z of a one-sided bound of 95 %.
  private static let quantile = 1.644_853_626_951_472_2

  /// Whether a task has what the gate asks for.
  public func suits(_ task: SuiteTask?) -> Bool {
    guard let task, case .bound(let metric, _, _) = condition else { return task != nil }
    switch metric {
    case .nll, .perplexity: return true
    case .bitsPerByte: return task.kind.isText
    case .greedy: return !task.kind.isText
    }
  }

  /// What the gate says of one target; nil where the run has no such task, or the metric is not one
  /// of the task.
  public func verdict(of entry: SuiteRun.Entry, in run: SuiteRun, mode: Mode) -> Verdict? {
    let name = task
    guard let number = run.tasks.firstIndex(where: { $0.task.name == name }),
      suits(run.tasks[number].task)
    else { return nil }
    let (mask, loss) = (run.tasks[number].task.mask, entry.losses[number])
    switch condition {
    case .bound(let metric, let isUpper, let bound):
      let value: Double
      switch metric {
      case .nll: value = loss.loss(mask)
      case .perplexity: value = loss.perplexity(mask)
      case .bitsPerByte: value = loss.bitsPerByte
      case .greedy: value = loss.greedyShare
      }
      return (isUpper ? value <= bound : value >= bound) ? .passed : .failed
    case .noRegression(let margin):
      return Self.verdict(of: run.difference(of: entry, task: number), margin: margin, mode: mode)
    }
  }

  /// What a difference says of a margin.
  static func verdict(of difference: PairedDifference, margin: Double, mode: Mode) -> Verdict {
    if mode == .point { return difference.delta <= margin ? .passed : .failed }
    guard let error = difference.standardError else {
      return mode == .proved ? .inconclusive : .passed
    }
    let isWorse = difference.delta - quantile * error > margin
    if isWorse { return .failed }
    guard mode == .proved else { return .passed }
    return difference.delta + quantile * error <= margin ? .passed : .inconclusive
  }
}
