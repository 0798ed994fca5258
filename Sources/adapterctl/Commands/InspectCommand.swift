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
      the weights and names tensors that have NaN or infinite values or are all zero.

      --spectrum reads the factors of an adapter and shows the singular values of each scaled change, \
      from the factors alone: norms, the stable and the effective rank, the rank that is used and the \
      one that is paid for, and the rank that holds 50, 90 and 99 % of the energy. With --base, sizes \
      are related to the weights, and of what depends on the base (DoRA, OFT, weights that are \
      replaced) the change that it makes of this one is decomposed whole. \
      With a full fine-tune and its --base, it decomposes the weights before and after and what the \
      fine-tune changed, takes off what the rounding of stored weights adds to ranks, and tells both \
      by the kind of module and by depth. --intruders looks for leading directions of the \
      fine-tuned weights that the base has none like (arXiv 2410.21228); in a repository the \
      decomposition of the base is kept for the next time.

      --json is one document, adapterctl.inspect/1, whose kind is adapter or model; --spectrum adds \
      to it the member spectrum, whose weights carry all figures and singular values.

      Exit codes: 0 shown, 1 --check-values found something, 12 not the base, 13 an unsupported \
      adapter, 15 a malformed file, or one with NaN or infinite values, 64 an option that does not \
      apply.
      """)

  @Argument(
    help: "An adapter or a model: a path, REV:PATH, or a registered base's name",
    completion: .file())
  var path: String

  @Flag(
    name: .customLong("check-values"),
    help: "Read every value and look for NaN, Inf and zeros")
  var checkValues = false

  @OptionGroup var spectrum: SpectrumArguments

  @OptionGroup var compute: ComputeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if checkValues, spectrum.isAsked {
      throw ValidationError("--check-values and --spectrum exclude each other.")
    }
  }

  func run() throws {
    try global.enter()
    try spectrum.check(global)
    let stored = try StoredOperand(path)
    let place = stored?.files.path ?? Path(path)
    if stored == nil, place.kind == nil, let base = try registeredBase() {
      return try show(base)
    }
    let adapter: Adapter
    do {
      adapter = try Adapter(opening: place).named(Path(path))
    } catch {
      guard case .notAnAdapter = error else { throw Failure(error) }
      return try show(
        try model(at: place, insteadOf: error), trainedOn: known(stored, at: place))
    }
    if spectrum.isAsked {
      return try spectrum.show(adapter, known(stored, at: place), global, compute)
    }
    let check = try valueCheck(of: [adapter.file])
    try show(InspectOutput(inspection: Inspection(adapter), check: check), check)
  }

  private func show(_ output: some CommandOutput, _ check: ValueCheck?) throws {
    output.show(global)
    if check?.hasFindings ?? false { throw ExitCode(ExitStatus.negative.rawValue) }
  }

  /// What reading all values finds; nil where that is not asked for.
  private func valueCheck(of files: [TensorFile]) throws -> ValueCheck? {
    guard checkValues else { return nil }
    let progress = global.progressLine(
      "reading", totalByteCount: files.reduce(0) { $0 + $1.reader.byteCount })
    defer { progress.finish() }
    do {
      return try ValueCheck(of: files, execution: try compute.execution(progress))
    } catch let error as AdapterError { throw Failure(error) }
  }

  /// Shows a model, or what a fine-tune made of its base.
  private func show(_ model: Checkpoint, trainedOn known: BaseGuard.Known? = nil) throws {
    guard spectrum.isAsked else {
      let check = try valueCheck(of: model.shards)
      return try show(CheckpointOutput(checkpoint: model, name: path, check: check), check)
    }
    guard let base = spectrum.base else {
      throw Failure(
        .usage, "usage", "\(path) is a model: --spectrum is of what it changed of its --base.",
        hint: "name the model it was fine-tuned from with --base")
    }
    let fineTune: FineTune
    let origin = try base.open(global, compute)
    do {
      fineTune = try FineTune(tuned: model, base: origin, named: Path(path))
    } catch {
      let failure = Failure(error)
      guard failure.code == .wrongBase else { throw failure }
      throw Failure(
        failure.code, failure.kind, failure.message,
        hint: "name the model that it was fine-tuned from")
    }
    try BaseGuard.check([known].compactMap { $0 }, base: origin, global, compute)
    try spectrum.show(fineTune, named: path, global, compute)
  }

  /// The base that the repository knows what is shown to belong to.
  private func known(_ stored: StoredOperand?, at place: Path) -> BaseGuard.Known? {
    let snapshot = stored?.files.snapshot ?? StoredOperand.tracked(place)?.snapshot
    return snapshot?.base.map { BaseGuard.Known(name: path, base: $0) }
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
