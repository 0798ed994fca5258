internal import Adapters
internal import ArgumentParser
internal import Compute

/// The norms that `--norm` names.
enum NormChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case spectral
  case frobenius
  case nuclear
  case max

  static let allValueDescriptions = [
    "spectral": "The largest singular value", "frobenius": "The root of the sum of squares",
    "nuclear": "The sum of singular values", "max": "The largest entry in magnitude",
  ]

  /// The norm as the library has it.
  var norm: MatrixNorm {
    switch self {
    case .spectral: .spectral
    case .frobenius: .frobenius
    case .nuclear: .nuclear
    case .max: .max
    }
  }
}

/// The options that say what `diff` measures and how it is listed.
struct DifferenceArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("Measure by this norm; what is no matrix, by frobenius", valueName: "norm"))
  var norm = NormChoice.spectral

  @Flag(help: "Show norms as shares of ‖old‖")
  var relative = false

  @Option(
    help: ArgumentHelp(
      "Show the angles between this many leading singular vectors of each side", valueName: "count")
  )
  var angles: Int?

  @Option(
    help: ArgumentHelp(
      "Count weights as equal that differ by at most this share of ‖old‖; settings and formats then "
        + "do not count", valueName: "share"))
  var tolerance: Double?

  @Option(help: ArgumentHelp("List every weight, in this order (default: name)", valueName: "key"))
  var sort: DifferenceOrder?

  @Option(
    help: ArgumentHelp(
      "List only the first so many of the order (default of --sort: relative)", valueName: "count"))
  var top: Int?

  @Flag(help: "Print a table of all weights as comma-separated values")
  var csv = false

  @Option(
    help: ArgumentHelp(
      "Draw a figure of every weight by layer and module to this SVG file", valueName: "file"))
  var plot: PlotFile?

  @Option(
    help: ArgumentHelp(
      "With --plot: the figure (default: distance, with --relative relative)", valueName: "key"))
  var heat: DifferenceOrder?

  func validate() throws {
    if heat != nil, plot == nil { throw ValidationError("--heat goes with --plot.") }
    if heat == .name { throw ValidationError("--heat takes a figure, and name is none.") }
    if let top, top < 1 { throw ValidationError("--top takes a number from 1.") }
    if let angles, !(1...4096).contains(angles) {
      throw ValidationError("--angles takes a number from 1 to 4096.")
    }
    if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance takes a number from 0.")
    }
  }

  /// What is measured of each weight.
  var measures: DifferenceMeasures {
    DifferenceMeasures(norms: [norm.norm], angleCount: angles)
  }

  /// How the comparison is shown.
  var style: DiffStyle {
    DiffStyle(
      norm: norm.norm, isRelative: relative, tolerance: tolerance,
      order: sort ?? (top == nil ? .name : .relative), limit: top,
      listsAll: sort != nil || top != nil)
  }

  /// Draws a comparison, where that is asked for.
  func draw(_ comparison: Comparison) throws {
    guard let plot else { return }
    let figure = heat ?? (relative ? .relative : .distance)
    guard let svg = DiffPlot(comparison: comparison, norm: norm.norm, figure: figure).svg else {
      throw Failure(
        .negative, "nothing_to_draw",
        "No weight has the figure \(figure.rawValue) in this comparison; nothing was drawn.")
    }
    try plot.write(svg)
  }

  /// Refuses what only updates whose change is known have, for sides that are compared by tensors.
  func checkForTensors() throws {
    for (option, isGiven) in [
      ("--angles", angles != nil), ("--sort cosine", sort == .cosine),
      ("--heat cosine", heat == .cosine),
    ] where isGiven {
      throw Failure(
        .usage, "usage", "\(option) is of two adapters; these are compared tensor by tensor.",
        hint: "name the model that both change with --base")
    }
  }
}
