internal import Adapters
internal import ArgumentParser

/// The rank rules of commands that make low-rank adapters.
struct RankRuleArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Keep this rank, where a module has more", valueName: "rank"))
  var rank: [Int] = []

  @Option(
    help: ArgumentHelp(
      "Keep the least rank with this share of the energy, the sum of squared singular values",
      valueName: "share"))
  var energy: [Double] = []

  @Option(
    help: ArgumentHelp(
      "Keep the least rank with this share of the nuclear norm, the sum of singular values",
      valueName: "share"))
  var nuclear: [Double] = []

  @Option(
    name: .customLong("sv-ratio"),
    help: ArgumentHelp(
      "Keep singular values above the largest one divided by this", valueName: "ratio"))
  var ratio: [Double] = []

  @Option(
    name: .customLong("sv-min"),
    help: ArgumentHelp("Keep singular values above this", valueName: "value"))
  var threshold: [Double] = []

  @Option(
    name: .customLong("max-error"),
    help: ArgumentHelp(
      "Keep the least rank whose spectral error is at most this share of the change",
      valueName: "share"))
  var maxError: [Double] = []

  @Option(
    help: ArgumentHelp(
      "Keep the most energy that weights of this size hold, over all modules, such as 20MB",
      valueName: "size"))
  var size: [ByteCount] = []

  @Option(
    name: .customLong("min-rank"),
    help: ArgumentHelp("Keep at least this rank of each module", valueName: "rank"))
  var leastRank: Int?

  @Option(
    name: .customLong("max-rank"),
    help: ArgumentHelp("Keep at most this rank of each module", valueName: "rank"))
  var mostRank: Int?

  func validate() throws {
    func check(_ isFine: Bool, _ sentence: String) throws {
      guard isFine else { throw ValidationError(sentence) }
    }
    try check(
      rank.allSatisfy { $0 > 0 } && leastRank ?? 1 > 0 && mostRank ?? 1 > 0,
      "A rank is a whole number from 1.")
    try check(
      leastRank ?? 0 <= mostRank ?? .max, "--min-rank is larger than --max-rank.")
    try check(
      (energy + nuclear).allSatisfy { $0 > 0 && $0 <= 1 },
      "--energy and --nuclear take a share above 0, up to 1.")
    try check(ratio.allSatisfy { $0 > 1 && $0.isFinite }, "--sv-ratio takes a number above 1.")
    try check(threshold.allSatisfy { $0 >= 0 && $0.isFinite }, "--sv-min takes a number from 0.")
    try check(
      maxError.allSatisfy { $0 >= 0 && $0 < 1 }, "--max-error takes a share from 0, below 1.")
  }

  /// The rules with their limits, in the order of the options' names here; empty where none is given.
  var selections: [RankSelection] {
    let rules =
      rank.map(RankRule.exactly) + energy.map(RankRule.energy) + nuclear.map(RankRule.nuclear)
      + ratio.map(RankRule.ratio) + threshold.map(RankRule.above)
      + maxError.map(RankRule.maxError) + size.map { .size($0.byteCount) }
    return rules.map {
      RankSelection($0, leastRank: leastRank ?? 0, mostRank: mostRank ?? .max)
    }
  }

  /// Whether no rule and no limit is given.
  var isEmpty: Bool { selections.isEmpty && leastRank == nil && mostRank == nil }

  /// The one rule of commands that write a single output.
  func selection() throws -> RankSelection {
    guard selections.count == 1, let selection = selections.first else {
      throw Failure(
        .usage, "rank_rule",
        selections.isEmpty ? "No rank is asked for." : "More than one rank is asked for.",
        hint: "give one of --rank, --energy, --nuclear, --sv-ratio, --sv-min, --max-error, --size")
    }
    return selection
  }
}

extension RankRule {
  /// The option that asks for the rule.
  var text: String {
    switch self {
    case .exactly(let rank): return "--rank \(rank)"
    case .energy(let share): return "--energy \(share)"
    case .nuclear(let share): return "--nuclear \(share)"
    case .ratio(let ratio): return "--sv-ratio \(ratio)"
    case .above(let threshold): return "--sv-min \(threshold)"
    case .maxError(let share): return "--max-error \(share)"
    case .size(let byteCount): return "--size \(byteCount)"
    }
  }
}
