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
  /// The same adapter with other updates.
  func with(updates: [WeightUpdate]) -> Adapter {
    Adapter(
      path: path, format: format, method: method, file: file, configBytes: configBytes,
      declaredBase: declaredBase, updates: updates, wholeModules: wholeModules,
      tiesEmbeddings: tiesEmbeddings, notes: notes)
  }

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
  /// MLX-LM's `adapters.safetensors` beside its `adapter_config.json`.
  case mlx
  /// torchtune's own names in `adapter_model.pt`.
  case torchtune
  /// llama.cpp's GGUF adapters.
  case gguf
  /// kohya's sd-scripts and LyCORIS: names joined by underscores, an alpha for each module.
  case kohya
  /// diffusers: updates of several models in one file.
  case diffusers
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
  /// ΔW by one square matrix that is spread over the weight (arXiv 2405.12130).
  case mora
  /// ΔW by two vectors around shared random projections (arXiv 2310.11454).
  case vera
  /// LoRA of what PiSSA left of the base (arXiv 2404.02948).
  case pissa
  /// LoRA of what OLoRA left of the base (arXiv 2406.01775).
  case olora
  /// LoRA of what CorDA left of the base (arXiv 2406.05223).
  case corda
  /// LoRA of what LoRA-GA left of the base (arXiv 2407.05000).
  case loraGA = "lora-ga"
  /// LoRA of the enabled parts of a fused weight.
  case mergedLinear = "merged-linear"
  /// LoRA on groups of inputs (arXiv 2309.14717).
  case qalora
  /// LoRA with a block-diagonal factor.
  case bdlora
  /// ΔW = alpha/init_r · B·diag(E)·A (arXiv 2303.10512).
  case adalora
  /// ΔW = alpha/rank · (B₁·A₁) ∘ (B₂·A₂) (arXiv 2108.06098).
  case loha
  /// ΔW = alpha/rank · K₁ ⊗ K₂ (arXiv 2309.14859).
  case lokr
  /// Outputs or inputs scaled: (IA)³ (arXiv 2205.05638).
  case ia3
  /// Inputs mapped by orthogonal blocks (arXiv 2306.07280).
  case oft
  /// Inputs mapped by orthogonal blocks in butterfly order, outputs scaled (arXiv 2311.06243).
  case boft
  /// Whole tensors, replaced or added to.
  case full
  /// Vectors of normalisation layers, replaced.
  case lnTuning = "ln-tuning"
  /// Single rows of an embedding, replaced.
  case trainableTokens = "trainable-tokens"
}
