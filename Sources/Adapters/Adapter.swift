public import Files
public import Tensors

/// An adapter as its files describe it: every change it makes to a base, none of them loaded.
public struct Adapter: Sendable {
  /// Where it was read from: the folder, or the weights file.
  public let path: Path
  /// How it is laid out on disk.
  public let format: AdapterFormat
  /// The training method, as users call it.
  public let method: AdapterMethod
  /// The open weights file.
  public let file: TensorFile
  /// The configuration file's bytes, empty where there is none.
  public let configBytes: [UInt8]
  /// What the adapter says of its base: a hub name or a path. Never trusted, only shown.
  public let declaredBase: String?
  /// The changes, sorted by target; a target's replacement stands before its delta.
  public let updates: [WeightUpdate]
  /// The ends of the paths of modules that the adapter brings whole and a base may lack
  /// (`modules_to_save`).
  public let wholeModules: [String]
  /// Whether the output head follows the input embedding (`ensure_weight_tying`).
  public let tiesEmbeddings: Bool
  /// Things a user should know and that stop nothing, as whole sentences.
  public let notes: [String]

  /// An adapter whose tensors a format reader has checked against one another.
  public init(
    path: Path,
    format: AdapterFormat,
    method: AdapterMethod,
    file: TensorFile,
    configBytes: [UInt8],
    declaredBase: String?,
    updates: [WeightUpdate],
    wholeModules: [String] = [],
    tiesEmbeddings: Bool = false,
    notes: [String] = []
  ) {
    self.path = path
    self.format = format
    self.method = method
    self.file = file
    self.configBytes = configBytes
    self.declaredBase = declaredBase
    self.updates = updates.sorted {
      $0.target == $1.target ? $0.isWhole && !$1.isWhole : $0.target < $1.target
    }
    self.wholeModules = wholeModules
    self.tiesEmbeddings = tiesEmbeddings
    self.notes = notes
  }
}

extension Adapter {
  /// The same adapter under the name that the user knows it by, where its files stand elsewhere.
  public func named(_ path: Path) -> Adapter {
    Adapter(
      path: path, format: format, method: method, file: file, configBytes: configBytes,
      declaredBase: declaredBase, updates: updates, wholeModules: wholeModules,
      tiesEmbeddings: tiesEmbeddings, notes: notes)
  }
}

/// The layouts adapters come in.
public enum AdapterFormat: String, Hashable, Sendable {
  /// `adapter_config.json` beside `adapter_model.safetensors` or `.bin`.
  case peft
}

/// The methods adapters are trained by.
public enum AdapterMethod: String, Hashable, Sendable {
  /// ΔW = alpha/rank · B·A (arXiv 2106.09685).
  case lora
  /// ΔW = alpha/√rank · B·A (arXiv 2312.03732).
  case rslora
  /// LoRA with trained magnitudes (arXiv 2402.09353).
  case dora
  /// ΔW = alpha/rank · B·R·A: LoRA-XS (arXiv 2405.17604) and LoRA-SB (arXiv 2411.19557), which
  /// differ in how they start and not in their files.
  case loraXS = "lora-xs"
  /// ΔW = alpha/init_r · B·diag(E)·A (arXiv 2303.10512).
  case adalora
  /// ΔW = alpha/rank · (B₁·A₁) ∘ (B₂·A₂) (arXiv 2108.06098).
  case loha
  /// ΔW = alpha/rank · K₁ ⊗ K₂ (arXiv 2309.14859).
  case lokr
  /// Vectors of normalisation layers, replaced.
  case lnTuning = "ln-tuning"
  /// Single rows of an embedding, replaced.
  case trainableTokens = "trainable-tokens"
}
