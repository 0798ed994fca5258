internal import Adapters
internal import ArgumentParser
internal import Files
internal import Tensors

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write an adapter in another program's layout",
    discussion: """
      Names, orders of rows and scales are translated; the factors keep their values, rounded once \
      at most. What the layout cannot express is refused by name and nothing is written. A base is \
      needed where names or orders are the base's: from kohya, to and from GGUF and torchtune. No \
      weight of it is read.

      Exit codes: 0 written, 1 --check-roundtrip found a difference, 13 what the layout cannot \
      express, 14 too little disk, 15 a damaged file.
      """)

  @Argument(help: "The adapter: a path or REV:PATH")
  var adapter: AdapterOperand

  @Option(
    help: ArgumentHelp(
      "The layout to write: peft, kohya, diffusers, mlx, torchtune, gguf or dense",
      valueName: "layout"),
    completion: .list(ConversionTarget.allCases.map(\.rawValue)),
    transform: { text in
      guard let target = ConversionTarget(rawValue: text) else {
        throw ValidationError(
          "--to takes one of "
            + ConversionTarget.allCases.map(\.rawValue).joined(separator: ", ") + ".")
      }
      return target
    })
  var to: ConversionTarget

  @Option(help: "The adapter's base: a directory, a file of weights, or a registered base's name")
  var base: BaseOperand?

  @Option(name: .shortAndLong, help: "The directory to write", completion: .directory)
  var output: String

  @Option(help: ArgumentHelp("The type to store the factors in", valueName: "type"))
  var dtype = OutputType.keep

  @Flag(name: .customLong("bake-scale"), help: "Multiply scales into the factors")
  var bakesScale = false

  @Flag(
    name: .customLong("check-roundtrip"),
    help: "Read the output back and compare every change with the adapter's")
  var checksRoundTrip = false

  @Flag(help: "Replace an existing output")
  var force = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if output.isEmpty { throw ValidationError("-o takes the name of a directory.") }
    if checksRoundTrip, to == .dense {
      throw ValidationError("--check-roundtrip is for adapters; a file of dense changes is none.")
    }
  }

  func run() throws {
    try global.enter()
    try OutputPlace.check(Path(output))
    let opened = try adapter.opened()
    let model = try base?.open(global, compute)
    var options = ConversionOptions()
    options.dtype = dtype.dtype
    options.bakesScale = bakesScale
    let progress = global.progressLine(
      "converting", totalByteCount: opened.weighted.adapter.file.reader.byteCount)
    let report: ConversionReport
    do {
      defer { progress.finish() }
      let conversion = try AdapterConversion(
        opened.weighted.adapter, to: to, base: model, options: options)
      report = try conversion.write(
        to: Path(output), replacing: force, checkingRoundTrip: checksRoundTrip,
        execution: try compute.execution(progress))
    } catch let error as AdapterError { throw Failure(error) }
    report.remarks.forEach(global.warn)
    ConvertOutput(report: report, name: opened.name).show(global)
    if report.check?.isRight == false { throw ExitCode(ExitStatus.negative.rawValue) }
  }
}
