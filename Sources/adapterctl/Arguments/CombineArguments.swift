internal import Adapters
internal import ArgumentParser
internal import Tensors

/// The options that say how adapters are combined.
struct CombineArguments: ParsableArguments {
  @Option(help: ArgumentHelp("How the updates become one", valueName: "method"))
  var method: CombineMethodName?

  @Option(
    help: ArgumentHelp(
      "The share of entries that is kept (default: 0.5, of breadcrumbs 0.9)", valueName: "share"))
  var density: Double?

  @Option(
    help: ArgumentHelp(
      "della: probabilities reach from density - epsilon to density + epsilon (default: 0.15, or as "
        + "far as there is room)",
      valueName: "share"))
  var epsilon: Double?

  @Option(
    help: ArgumentHelp(
      "breadcrumbs: the share of largest entries that is dropped (default: 0.01)",
      valueName: "share"))
  var gamma: Double?

  @Option(help: ArgumentHelp("Multiply the combined update by this", valueName: "factor"))
  var lambda = 1.0

  @Option(
    name: .customLong("t"),
    help: ArgumentHelp(
      "slerp: where between the two, from 0 to 1 (default: as the weights say, 0.5)",
      valueName: "place"))
  var place: Double?

  @Option(
    name: .customLong("majority-sign"),
    help: ArgumentHelp(
      "Elect signs by the sum of updates, by their number, or by the weighted sum (default: total, "
        + "of knots weighted)", valueName: "vote"))
  var majority: MajorityName?

  @Option(
    help: ArgumentHelp(
      "Divide elected sums by the number of updates that agree, by their weights, or by nothing "
        + "(default: count, of knots none)", valueName: "divisor"))
  var normalize: DivisorName?

  @Option(
    help: ArgumentHelp(
      "The seed of random masks, which depend on it, the weight's name and the adapter's contents "
        + "alone", valueName: "number"))
  var seed: UInt64 = 0

  @Option(
    name: .customLong("three-way"),
    help: ArgumentHelp(
      "Combine what changed since this adapter, and put it on top: A + B - OLD", valueName: "old"))
  var ancestor: AdapterOperand?

  @Option(
    help: ArgumentHelp(
      "Combine only weights whose names match this glob; may be repeated", valueName: "glob"))
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave out weights whose names match this glob; may be repeated", valueName: "glob"))
  var exclude: [String] = []

  /// The options as the library takes them.
  func options(_ method: CombineMethodName) -> CombineOptions {
    var options = CombineOptions(method.method)
    options.density = density
    options.epsilon = epsilon
    options.gamma = gamma
    options.lambda = lambda
    options.t = place
    options.majority = majority.flatMap { SignElection.Majority(rawValue: $0.rawValue) }
    options.divisor = normalize.flatMap { SignElection.Divisor(rawValue: $0.rawValue) }
    options.seed = seed
    options.filter = filter
    return options
  }

  /// The weights that take part.
  var filter: NameFilter {
    var filter = NameFilter()
    filter.included = include
    filter.excluded = exclude
    return filter
  }

  /// Throws where an option is given that an analysis has no use for.
  func requireNoMethod() throws {
    let given: [(String, Bool)] = [
      ("--method", method != nil), ("--density", density != nil), ("--epsilon", epsilon != nil),
      ("--gamma", gamma != nil), ("--lambda", lambda != 1), ("--t", place != nil),
      ("--majority-sign", majority != nil), ("--normalize", normalize != nil),
    ]
    if let option = given.first(where: \.1) {
      throw ValidationError(
        "--analyze looks at the adapters before any method, and takes no \(option.0).")
    }
  }
}

/// The types that factors are stored in.
enum FactorType: String, ExpressibleByArgument, CaseIterable, Sendable {
  case f32
  case bf16
  case f16

  /// The type.
  var dtype: DType {
    switch self {
    case .f32: return .f32
    case .bf16: return .bf16
    case .f16: return .f16
    }
  }
}

extension RankRuleArguments {
  /// The one rule, or nil where none is given; limits alone keep all that is within them.
  func optionalSelection() throws -> RankSelection? {
    if selections.isEmpty {
      guard leastRank != nil || mostRank != nil else { return nil }
      return RankSelection(
        .exactly(.max), leastRank: leastRank ?? 0, mostRank: mostRank ?? .max)
    }
    return try selection()
  }
}
