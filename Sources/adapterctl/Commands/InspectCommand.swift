internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Tensors

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what an adapter or a model is made of",
    discussion: """
      Reads headers only, so it answers at once for a model of any size. --check-values also reads \
      the weights of an adapter and names tensors that have NaN or infinite values or are all zero.

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

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try global.enter()
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
