internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Tensors

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what an adapter or a model is made of",
    discussion: """
      Reads headers only, so it answers at once for a model of any size. --check-values also reads \
      the weights of an adapter and names tensors that have NaN or infinite values or are all zero.

      --spectrum reads the factors of an adapter and shows the singular values of each scaled change, \
      from the factors alone: norms, the rank that is used and the one that is paid for, and the rank \
      that holds 50, 90 and 99 % of the energy. With --base, sizes are related to the weights. \
      With a full fine-tune and its --base, it decomposes what the fine-tune changed.

      Exit codes: 0 shown, 1 --check-values found something, 13 an unsupported adapter, \
      15 a malformed file.
      """)

  @Argument(
    help: "An adapter or a model: a path, REV:PATH, or a registered base's name",
    completion: .file())
  var path: String

  @Flag(
    name: .customLong("check-values"),
    help: "Read every value of an adapter and look for NaN, Inf and zeros")
  var checkValues = false

  @OptionGroup var spectrum: SpectrumArguments

  @Flag(
    help: "With --spectrum of a model, look for leading directions that the base has none like")
  var intruders = false

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if intruders, !spectrum.isAsked { throw ValidationError("--intruders needs --spectrum.") }
  }

  func run() throws {
    try global.enter()
    if spectrum.isAsked, let base = spectrum.base, try isModel {
      return try showSpectra(against: base)
    }
    let adapter: Adapter
    let stored = try StoredOperand(path)
    let place = stored?.files.path ?? Path(path)
    if stored == nil, place.kind == nil, let base = try registeredBase() {
      CheckpointOutput(checkpoint: base, name: path).show(global)
      return
    }
    do {
      adapter = try Adapter(opening: place).named(Path(path))
    } catch {
      guard case .notAnAdapter = error else { throw Failure(error) }
      CheckpointOutput(checkpoint: try model(at: place, insteadOf: error), name: path).show(global)
      return
    }
    if spectrum.isAsked {
      try spectrum.show(adapter, global, compute)
      return
    }
    var check: ValueCheck?
    if checkValues {
      let progress = global.progressLine("reading", totalByteCount: adapter.file.reader.byteCount)
      do {
        check = try ValueCheck(of: adapter, execution: try compute.execution(progress))
      } catch let error as AdapterError { throw Failure(error) }
    }
    let output = InspectOutput(inspection: Inspection(adapter), check: check)
    output.show(global)
    if output.hasFindings { throw ExitCode(ExitStatus.negative.rawValue) }
  }

  /// Whether a model and no adapter is at the path.
  private var isModel: Bool {
    get throws {
      let place = try StoredOperand(path)?.files.path ?? Path(path)
      guard case .notAnAdapter? = Self.refusal(of: place) else { return false }
      return true
    }
  }

  private static func refusal(of place: Path) -> AdapterError? {
    do throws(AdapterError) {
      _ = try Adapter(opening: place)
      return nil
    } catch { return error }
  }

  /// Shows the singular values of what a fine-tune changed.
  private func showSpectra(against base: BaseOperand) throws {
    do {
      let place = try StoredOperand(path)?.files.path ?? Path(path)
      let fineTune = try FineTune(
        tuned: Checkpoint(opening: place), base: base.open(global, compute))
      let progress = global.progressLine("decomposing", totalByteCount: fineTune.byteCount)
      defer { progress.finish() }
      let spectra = try FineTuneSpectra(
        of: fineTune, findsIntruders: intruders, execution: try compute.execution(progress))
      progress.finish()
      FineTuneSpectraOutput(spectra: spectra).show(global)
    } catch let error as AdapterError {
      throw Failure(error)
    } catch let error as TensorError { throw Failure(error) }
  }

  /// The base that is registered under what was given as a path; nil where there is none.
  private func registeredBase() throws -> Checkpoint? {
    guard let context = try RepositoryContext.ifAny(global),
      (try? context.repository.base(named: path)) != nil
    else { return nil }
    return try BaseOperand(argument: path)?.open(global, compute)
  }

  /// The model at the path; where there is no file of weights at all, why it is no adapter either.
  private func model(at place: Path, insteadOf refusal: AdapterError) throws -> Checkpoint {
    do {
      return try Checkpoint(opening: place)
    } catch TensorError.noTensors {
      throw Failure(refusal)
    } catch { throw Failure(error) }
  }
}
