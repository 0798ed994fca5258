internal import Adapters
internal import ArgumentParser
internal import Files
internal import Tensors

/// The options of commands that show singular values.
struct SpectrumArguments: ParsableArguments {
  @Flag(help: "Show the singular values of what an adapter or a full fine-tune changes")
  var spectrum = false

  @Option(help: "With --spectrum: the base, to relate sizes to; a full fine-tune needs it")
  var base: BaseOperand?

  @Option(
    help: ArgumentHelp(
      "With --spectrum: list every weight, in this order, the largest first", valueName: "key"))
  var sort: SpectrumFigure?

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
  var heat: SpectrumFigure?

  @Flag(
    help: "With --spectrum of a model: look for leading directions that the base has none like")
  var intruders = false

  @Option(
    help: ArgumentHelp(
      "With --spectrum: take only weights whose names match this glob; may be repeated",
      valueName: "glob"))
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "With --spectrum: leave out weights whose names match this glob; may be repeated",
      valueName: "glob"))
  var exclude: [String] = []

  /// Whether singular values are asked for.
  var isAsked: Bool { spectrum }

  func validate() throws {
    let isSelecting = sort != nil || top != nil || !include.isEmpty || !exclude.isEmpty
    if !spectrum, base != nil || isSelecting || csv || plot != nil || intruders {
      throw ValidationError(
        "--base, --sort, --top, --include, --exclude, --csv, --plot and --intruders go with "
          + "--spectrum.")
    }
    if heat != nil, plot == nil { throw ValidationError("--heat goes with --plot.") }
    if heat == .name { throw ValidationError("--heat takes a figure, and name is none.") }
    if base == nil, sort == .relative || heat == .relative {
      throw ValidationError("The figure relative needs --base.")
    }
    if let top, top < 1 { throw ValidationError("--top takes a number from 1.") }
  }

  /// Refuses what cannot be done before anything long is begun.
  func check(_ global: GlobalOptions) throws {
    if csv, global.json {
      throw Failure(.usage, "usage", "--csv and --json exclude each other.")
    }
    try plot?.checkPlace()
  }

  /// The weights that are looked at.
  private var filter: NameFilter {
    var filter = NameFilter()
    filter.included = include
    filter.excluded = exclude
    return filter
  }

  private func requireSome(_ isEmpty: Bool, of name: String) throws {
    guard isEmpty, filter != NameFilter() else { return }
    throw Failure(
      .unmatched, "nothing_left", "No weight of \(name) passes --include and --exclude.",
      hint: "names are those that inspect -v lists; * stands for any characters")
  }

  /// How lists are cut and ordered.
  var selection: SpectrumSelection {
    SpectrumSelection(figure: sort ?? .name, limit: top, listsAll: sort != nil || top != nil)
  }

  /// Factorises an adapter's changes and shows them.
  func show(
    _ adapter: Adapter, _ known: BaseGuard.Known?, _ global: GlobalOptions,
    _ compute: ComputeOptions
  ) throws {
    if intruders {
      throw Failure(
        .usage, "usage", "--intruders is for a full fine-tune, and \(adapter.path) is an adapter.")
    }
    for figure in [sort, heat].compactMap({ $0 }) where figure.isOfFineTunes {
      throw Failure(
        .usage, "usage",
        "The figure \(figure.rawValue) is of a full fine-tune, and \(adapter.path) is an adapter.")
    }
    let model = try base?.open(global, compute)
    if let model, let known { try BaseGuard.check([known], base: model, global, compute) }
    let progress = global.progressLine(
      "factorising", totalByteCount: adapter.file.reader.byteCount)
    let inspection: SpectrumInspection
    do {
      defer { progress.finish() }
      inspection = try SpectrumInspection(
        of: adapter, filter: filter, base: model, execution: try compute.execution(progress))
    } catch let error as AdapterError { throw Failure(error) }
    try requireSome(inspection.rows.isEmpty, of: adapter.path.text)
    let plot = SpectrumPlot(name: adapter.path.name, rows: inspection.rows)
    try draw(plot.spectra, plot)
    try show(
      AdapterSpectraOutput(
        adapter: adapter, base: base?.text, inspection: inspection, selection: selection), global)
  }

  /// Decomposes what a fine-tune changed and shows it; `name` is what the user knows it by.
  func show(
    _ fineTune: FineTune, named name: String, _ global: GlobalOptions, _ compute: ComputeOptions
  ) throws {
    let progress = global.progressLine("decomposing", totalByteCount: fineTune.byteCount)
    let spectra: FineTuneSpectra
    do {
      defer { progress.finish() }
      spectra = try FineTuneSpectra(
        of: fineTune, filter: filter, findsIntruders: intruders,
        decompositions: intruders ? try RepositoryContext.ifAny(global)?.decompositions() : nil,
        execution: try compute.execution(progress))
    } catch let error as AdapterError { throw Failure(error) }
    try requireSome(
      spectra.matrices.isEmpty && spectra.others.isEmpty && spectra.unchangedCount == 0, of: name)
    if plot != nil, spectra.matrices.isEmpty {
      throw Failure(
        .negative, "nothing_to_draw",
        "No matrix of \(name) differs from the base; nothing was drawn.")
    }
    let plot = SpectrumPlot(name: Path(name).name, rows: spectra.matrices)
    try draw(plot.spectra, plot)
    try show(
      FineTuneSpectraOutput(spectra: spectra, name: name, base: base?.text, selection: selection),
      global)
  }

  private func draw<Row>(_ spectra: @autoclosure () -> String, _ drawing: SpectrumPlot<Row>) throws
  {
    guard let plot else { return }
    try plot.write(heat.map(drawing.heatMap) ?? spectra())
  }

  private func show(_ output: some SpectraOutput, _ global: GlobalOptions) throws {
    if csv {
      for line in output.csvLines { Terminal.write(line) }
    } else {
      output.show(global)
    }
  }
}
