internal import Adapters
internal import ArgumentParser
internal import Files
internal import Tensors

/// The options of commands that show singular values.
struct SpectrumArguments: ParsableArguments {
  @Flag(help: "Show the singular values of an adapter's changes")
  var spectrum = false

  @Option(help: "With --spectrum: the base, to relate sizes to")
  var base: BaseOperand?

  @Option(help: ArgumentHelp("With --spectrum: list every weight, in this order", valueName: "key"))
  var sort: SpectrumOrder?

  @Option(
    help: ArgumentHelp("With --spectrum: list only the first so many", valueName: "count"))
  var top: Int?

  @Flag(help: "With --spectrum: print comma-separated values, one weight a line")
  var csv = false

  @Option(
    help: ArgumentHelp("With --spectrum: draw the spectra to this SVG file", valueName: "file"))
  var plot: PlotFile?

  @Option(
    help: ArgumentHelp(
      "With --plot: draw this figure by layer and module instead", valueName: "key"))
  var heat: SpectrumOrder?

  /// Whether singular values are asked for.
  var isAsked: Bool { spectrum }

  func validate() throws {
    if !spectrum, base != nil || sort != nil || top != nil || csv || plot != nil {
      throw ValidationError("--base, --sort, --top, --csv and --plot go with --spectrum.")
    }
    if heat != nil, plot == nil { throw ValidationError("--heat goes with --plot.") }
    if let top, top < 1 { throw ValidationError("--top takes a number from 1.") }
  }

  /// Factorises an adapter's changes and shows them.
  func show(_ adapter: Adapter, _ global: GlobalOptions, _ compute: ComputeOptions) throws {
    let model = try base?.open(global, compute)
    let progress = global.progressLine(
      "factorising", totalByteCount: adapter.file.reader.byteCount)
    let inspection: SpectrumInspection
    do {
      defer { progress.finish() }
      inspection = try SpectrumInspection(
        of: adapter, base: model, execution: try compute.execution(progress))
    } catch let error as AdapterError { throw Failure(error) }
    if let plot {
      let drawing = SpectrumPlot(name: adapter.path.name, inspection: inspection)
      try plot.write(heat.map(drawing.heatMap) ?? drawing.spectra)
    }
    let output = SpectrumOutput(
      adapter: adapter, inspection: inspection, order: sort ?? .name,
      listsAll: sort != nil || top != nil, limit: top)
    if csv, !global.json {
      for line in output.csvLines { Terminal.write(line) }
    } else {
      output.show(global)
    }
  }
}

/// What a list of spectra is ordered by.
enum SpectrumOrder: String, ExpressibleByArgument, CaseIterable, Sendable {
  case name
  case spectral
  case frobenius
  case stable
  case used
  case relative

  static let allValueDescriptions = [
    "name": "By name", "spectral": "By the spectral norm, the largest first",
    "frobenius": "By the Frobenius norm, the largest first",
    "stable": "By the stable rank, the largest first",
    "used": "By the rank that is used, the largest first",
    "relative": "By ‖Δ‖ / ‖W‖, the largest first",
  ]

  /// Rows in this order; equal ones keep theirs.
  func sorted(_ rows: [SpectrumInspection.Row]) -> [SpectrumInspection.Row] {
    rows.enumerated().map { (place: $0, row: $1, key: self == .name ? 0 : value(of: $1) ?? 0) }
      .sorted { $0.key == $1.key ? $0.place < $1.place : $0.key > $1.key }.map(\.row)
  }

  /// The figure of a row; nil where it is not known.
  func value(of row: SpectrumInspection.Row) -> Double? {
    switch self {
    case .name, .spectral: return row.spectrum.spectralNorm
    case .frobenius: return row.spectrum.frobeniusNorm
    case .stable: return row.spectrum.stableRank
    case .used: return Double(row.usedRank)
    case .relative: return row.relativeNorm
    }
  }
}
