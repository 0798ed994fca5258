internal import Adapters
internal import ArgumentParser
internal import Files
internal import Tensors

struct Truncate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "truncate",
    abstract: "Lower the rank of an adapter",
    discussion: """
      Keeps the largest singular values of each module's change, which is the best change of that \
      rank, and says exactly what is lost: the first singular value left out (spectral norm) and the \
      root of the sum of squares of all of them (Frobenius norm). Works on the factors alone. \
      Scalings stay; ranks that differ are written as patterns that PEFT reads. A module with fewer \
      singular values than the rule keeps stays as it is. No rule adds a rank of its own, and a module \
      that keeps none is left out. Of AdaLoRA, LoHa, LoKr, LoRA-XS, VeRA, MoRA and whatever else has two \
      factors a LoRA is written.

      Several rules write several outputs from one factorisation: {rank} in the output's name stands \
      for the rule's number. Of DoRA the low-rank part is truncated, and the magnitudes stay.

      Exit codes: 0 written, 1 nothing would be left, 12 not the base, 13 an adapter without factors, 14 too little \
      disk or too small a size, 15 a damaged file, 64 a rank that no module has.
      """)

  @Argument(help: "The adapter: a path or REV:PATH")
  var adapter: AdapterOperand

  @OptionGroup var destination: DestinationArguments

  @Option(
    help: ArgumentHelp(
      "The base, of which MoRA, VeRA and folded convolutions need the extents: a path, or a "
        + "registered base's name"))
  var base: BaseOperand?

  @OptionGroup var rules: RankRuleArguments

  @Option(
    name: .customLong("pad-rank"),
    help: ArgumentHelp(
      "Fill up to this rank with zeros, so that adapters can be exchanged in place",
      valueName: "rank"))
  var paddedRank: Int?

  @Option(
    help: ArgumentHelp(
      "Share the singular values between the factors: sqrt (roots to each), a or b",
      valueName: "how"))
  var distribute = DistributionChoice.sqrt

  @Option(help: ArgumentHelp("The type to store the factors in", valueName: "type"))
  var dtype = OutputType.keep

  @Option(
    help: ArgumentHelp(
      "Truncate only weights whose names match this glob, and leave the others as they are; may be "
        + "repeated", valueName: "glob"))
  var include: [String] = []

  @Option(
    help: ArgumentHelp(
      "Leave weights whose names match this glob as they are; may be repeated", valueName: "glob"))
  var exclude: [String] = []

  @OptionGroup var memory: MemoryArguments
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    try destination.requireOutput()
    if let paddedRank, paddedRank < 1 {
      throw ValidationError("A rank is a whole number from 1.")
    }
    if selections.isEmpty {
      throw ValidationError(
        "Give a rule: --rank, --energy, --nuclear, --sv-ratio, --sv-min, --max-error or --size.")
    }
    if !include.isEmpty || !exclude.isEmpty, selections.contains(where: \.rule.isGlobal) {
      throw ValidationError("--size is of all weights, and takes no --include and no --exclude.")
    }
    if let output = destination.output,
      Set(selections.map { name($0, output) }).count < selections.count
    {
      throw ValidationError("Several outputs need {rank} in the name that -o gives.")
    }
  }

  /// The rules; padding alone keeps every rank.
  private var selections: [RankSelection] {
    rules.selections.isEmpty && (paddedRank != nil || rules.mostRank != nil)
      ? [RankSelection(.exactly(.max), mostRank: rules.mostRank ?? .max)] : rules.selections
  }

  private func name(_ selection: RankSelection, _ output: String) -> String {
    var name = ""
    var rest = output[...]
    let number = selection.rule.text.split(separator: " ").last.map(String.init) ?? ""
    while let place = rest.firstRange(of: "{rank}") {
      name += rest[..<place.lowerBound] + number
      rest = rest[place.upperBound...]
    }
    return name + rest
  }

  func run() throws {
    try global.enter()
    let source = try opened()
    source.notes.forEach(global.warn)
    let options = selections.map { selection in
      var options = TruncationOptions(selection)
      options.paddedRank = paddedRank
      options.distribution = distribute.distribution
      options.dtype = dtype.dtype
      options.filter.included = include
      options.filter.excluded = exclude
      return options
    }
    try memory.check(
      source.truncationByteCount(outputs: options.count, workers: compute.workerCount))
    let progress = global.progressLine("truncating", totalByteCount: source.file.reader.byteCount)
    var results: [TruncateOutput.Result] = []
    do {
      defer { progress.finish() }
      let execution = try compute.execution(progress)
      let truncations = try source.truncated(by: options, execution: execution)
      for (selection, truncation) in zip(selections, truncations) {
        let place = destination.output.map { Path(name(selection, $0)) }
        try place.map(OutputPlace.check)
        if let place, !destination.dryRun {
          try truncation.draft.write(
            to: place, replacing: destination.force, execution: execution)
        }
        results.append(.init(selection: selection, output: place, truncation: truncation))
      }
    } catch let error as AdapterError { throw Failure(error) }
    TruncateOutput(adapter: source, results: results, isDryRun: destination.dryRun).show(global)
  }
}

extension Truncate {
  /// The adapter, in closed form where a base is named that tells its extents.
  private func opened() throws -> Adapter {
    let opened = try adapter.opened()
    guard let base else { return opened.weighted.adapter }
    let model = try base.open(global, compute)
    try BaseGuard.check([opened], base: model, global, compute)
    do { return try opened.weighted.adapter.closed(on: model) } catch { throw Failure(error) }
  }
}

/// How the singular values are shared between the factors.
enum DistributionChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
  case sqrt
  case a
  case b

  static let allValueDescriptions = [
    "sqrt": "Their roots to each factor", "a": "All to A", "b": "All to B",
  ]

  /// The library's name for it.
  var distribution: TruncationOptions.Distribution {
    switch self {
    case .sqrt: return .sqrt
    case .a: return .a
    case .b: return .b
    }
  }
}
