public import Files
internal import JSON
internal import Tensors

/// What stands at a path, told from headers and configurations without reading a weight.
///
/// Opening an `Adapter` refuses what cannot be computed with; recognising does not, because an
/// adapter can be kept byte for byte before its mathematics is known.
public enum AdapterRecognition: Sendable {
  /// An adapter that every command understands.
  case adapter(format: AdapterFormat, method: AdapterMethod, declaredBase: String?)
  /// An adapter, or what takes an adapter's place, that is recognised and not computed with.
  ///
  /// `layout` is a short name that never changes (`mlx`, `kohya`, `peft: loha`), `what` says the
  /// same as a noun for a sentence.
  case foreignAdapter(layout: String, what: String, declaredBase: String?)
  /// A full model.
  case checkpoint
  /// A full model that this program merged: its receipt lies beside it.
  case mergedModel
  /// Something that is named and laid out as an adapter or a model, but whose file is refused:
  /// a pointer instead of the weights, a pickle that is not data, a damaged file.
  case unreadable(file: Path, reason: AdapterError)
  /// Anything else; `what` says what, `candidates` where adapters may be instead.
  case other(what: String, candidates: [Path])

  /// Recognises what stands at a path, a folder or a file. Throws only where nothing is there or
  /// the file system refuses.
  public init(of path: Path) throws(AdapterError) {
    let files: AdapterFiles
    do throws(AdapterError) {
      files = try AdapterFiles(locating: path)
    } catch {
      self = try Self.withoutWeights(path, error)
      return
    }
    let document = files.configuration?.document
    let unopened = AdapterClues(weights: files.weights, configuration: document, tensors: [])
    let file: TensorFile
    do throws(TensorError) {
      file = try Adapter.tensorFile(files.weights)
    } catch {
      self = try Self.unopened(unopened, at: path, error)
      return
    }
    let clues = AdapterClues(
      weights: files.weights, configuration: document, tensors: file.tensors)
    let base = clues.declaredBase(metadata: file.metadata)
    if AdapterLayout.matching(clues) == nil,
      let layout = ForeignLayout.matching(unopened) ?? ForeignLayout.matching(clues)
    {
      self = .foreignAdapter(
        layout: layout.name(clues), what: layout.what(clues), declaredBase: base)
      return
    }
    do throws(AdapterError) {
      let adapter = try Adapter(opening: path)
      self = .adapter(
        format: adapter.format, method: adapter.method, declaredBase: adapter.declaredBase)
    } catch {
      self = try Self.refused(clues, base: base, at: path, error)
    }
  }

  /// What has no file of weights that an adapter may have.
  private static func withoutWeights(
    _ path: Path, _ error: AdapterError
  ) throws(AdapterError) -> AdapterRecognition {
    switch error {
    case .notAnAdapter(_, let what, let candidates):
      return try model(path) ?? .other(what: what, candidates: candidates)
    case .unsupported(_, let what, _):
      return .foreignAdapter(layout: "peft: sharded", what: what, declaredBase: nil)
    case .malformedConfiguration(let file, _): return .unreadable(file: file, reason: error)
    default: throw error
    }
  }

  /// What has a file of weights that no reader opens.
  private static func unopened(
    _ clues: AdapterClues, at path: Path, _ error: TensorError
  ) throws(AdapterError) -> AdapterRecognition {
    if case .file = error { throw .tensor(error) }
    let layout = ForeignLayout.matching(clues)
    if let layout, clues.weights.hasExtension("npz") {
      return .foreignAdapter(
        layout: layout.name(clues), what: layout.what(clues),
        declaredBase: clues.declaredBase(metadata: []))
    }
    if case .malformedTensor = error, TensorFile.isGGUF(clues.weights) {
      // Its tensors are kept as they are, whatever they are quantised as.
      return .foreignAdapter(layout: "gguf", what: "a quantised GGUF file", declaredBase: nil)
    }
    let isNamed = ["safetensors", "bin", "pt", "pth", "ckpt"].contains(
      where: clues.weights.hasExtension)
    if case .malformed = error, clues.configuration == nil, !isNamed || path.isDirectory {
      return .other(what: "no file of tensors", candidates: [])
    }
    if case .notATensorFile(_, let what) = error, !isNamed {
      return .other(what: what, candidates: [])
    }
    return .unreadable(file: clues.weights, reason: .tensor(error))
  }

  /// What opens as a file of tensors and not as an adapter.
  private static func refused(
    _ clues: AdapterClues, base: String?, at path: Path, _ error: AdapterError
  ) throws(AdapterError) -> AdapterRecognition {
    switch error {
    case .unsupported(_, let what, _):
      let layout = AdapterLayout.matching(clues)?.format ?? .peft
      return .foreignAdapter(layout: "\(layout.rawValue): other", what: what, declaredBase: base)
    case .notAnAdapter(_, let what, let candidates):
      if clues.hasName(where: { $0.contains(".lora_A") || $0.contains(".lora_embedding_A") }) {
        return .foreignAdapter(layout: "peft: no configuration", what: what, declaredBase: nil)
      }
      return try model(path) ?? .other(what: what, candidates: candidates)
    case .file: throw error
    default: return .unreadable(file: clues.weights, reason: error)
    }
  }

  /// The model at a path; nil where there is none.
  private static func model(_ path: Path) throws(AdapterError) -> AdapterRecognition? {
    do throws(TensorError) {
      _ = try Checkpoint(opening: path)
    } catch {
      switch error {
      case .noTensors: return nil
      case .unsupported:
        return .foreignAdapter(layout: "gguf", what: "a GGUF model", declaredBase: nil)
      case .inconsistentIndex(let index, _) where index == path: return nil
      case .inconsistentIndex(let file, _), .malformed(let file, _, _),
        .malformedTensor(let file, _, _), .notATensorFile(let file, _),
        .malformedDocument(let file, _), .forbiddenGlobal(let file, _):
        return .unreadable(file: file, reason: .tensor(error))
      case .file: throw .tensor(error)
      }
    }
    let folder = path.isDirectory ? path : path.parent
    return folder.appending(MergeReceipt.fileName).isFile ? .mergedModel : .checkpoint
  }
}

extension AdapterClues {
  /// What the adapter says of its base, under the keys that the layouts have for it.
  func declaredBase(metadata: [(key: String, value: String)]) -> String? {
    if let base = configuration?["base_model_name_or_path"]?.string
      ?? configuration?["model"]?.string
    {
      return base
    }
    let keys = ["ss_sd_model_name", "ss_base_model_version"]
    return keys.lazy.compactMap { key in metadata.first { $0.key == key }?.value }.first
  }
}
