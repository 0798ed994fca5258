internal import Adapters
internal import ArgumentParser
internal import Files
internal import History

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what two adapters, or two models, differ by",
    discussion: """
      Compares settings, updates and tensors; other files beside them take no part. Norms are \
      Frobenius norms: of the change of each weight that the old and the new adapter make, and of \
      the difference of the two, computed from the factors. Adapters of other layouts, and full \
      models, are compared tensor by tensor.

      Exit codes: 0 compared, 1 with --exit-code where they differ, 13 no adapter or model, \
      15 a damaged file.
      """)

  @Argument(help: "The old adapter or model: a directory, or a file of weights")
  var old: AdapterOperand

  @Argument(help: "The new adapter or model")
  var new: AdapterOperand

  @Flag(name: .customLong("exit-code"), help: "Exit with 1 where the two differ, as git diff does")
  var tellsByExitCode = false

  @Option(help: ArgumentHelp("List every weight, in this order (default: name)", valueName: "key"))
  var sort: DifferenceOrder?

  @Option(
    help: ArgumentHelp(
      "List only the first so many of the order (default of --sort: relative)", valueName: "count"))
  var top: Int?

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let top, top < 1 { throw ValidationError("--top takes a number from 1.") }
  }

  func run() throws {
    try global.enter()
    let comparison: Comparison
    do {
      let (before, after) = (
        try side(old.plainText), try side(new.plainText)
      )
      let hasUpdates = before.adapter != nil && after.adapter != nil
      let progress = global.progressLine(
        "comparing",
        totalByteCount: (hasUpdates ? 2 : 1) * (before.byteCount + after.byteCount))
      defer { progress.finish() }
      comparison = try Comparison(
        from: before, to: after, execution: try compute.execution(progress))
    } catch let error as AdapterError { throw Failure(error) }
    DiffOutput(
      comparison: comparison, order: sort ?? (top == nil ? .name : .relative), limit: top,
      listsAll: sort != nil || top != nil
    ).show(global)
    if tellsByExitCode, !comparison.isEmpty { throw ExitCode(ExitStatus.negative.rawValue) }
  }

  private func side(_ text: String) throws -> ComparedSide {
    guard let stored = try StoredOperand(text) else { return try ComparedSide(opening: Path(text)) }
    return try ComparedSide(opening: stored.files.path, as: Path(text))
  }
}

/// What a list of differences is ordered by.
enum DifferenceOrder: String, ExpressibleByArgument, CaseIterable, Sendable {
  case name
  case relative
  case distance
  case old
  case new

  static let allValueDescriptions = [
    "name": "By name", "relative": "By ‖new − old‖ / ‖old‖, the largest first",
    "distance": "By ‖new − old‖, the largest first", "old": "By ‖old‖, the largest first",
    "new": "By ‖new‖, the largest first",
  ]

  /// What norms are ordered by; nil keeps the order of names.
  func key(_ norms: DifferenceNorms?, isOneSided: Bool) -> Double? {
    guard let norms else { return nil }
    switch self {
    case .name: return nil
    case .relative: return isOneSided ? nil : norms.relative
    case .distance: return norms.distance
    case .old: return norms.old
    case .new: return norms.new
    }
  }

  /// Elements in this order; those without a key stand last, in the order they had.
  func sorted<Element>(_ elements: [Element], by key: (Element) -> Double?) -> [Element] {
    guard self != .name else { return elements }
    return elements.enumerated().map { (place: $0, element: $1, key: key($1) ?? -1) }
      .sorted { $0.key == $1.key ? $0.place < $1.place : !($0.key <= $1.key) }.map(\.element)
  }
}
