internal import Tensors

/// What PEFT's `adapter_config.json` says that changes the result, whatever the method; what one
/// method alone has is asked for in `fields` where that method is read.
struct PEFTConfiguration {
  /// The method.
  let type: PEFTType
  /// All fields.
  let fields: ConfigurationFields
  /// `r`, the rank of modules that no pattern names.
  let rank: Int
  /// `lora_alpha`, or `alpha` of LoHa and LoKr, for modules that no pattern names.
  let alpha: Double
  /// `rank_pattern`, in the order of the document.
  let rankPatterns: [(pattern: ModulePattern, rank: Int)]
  /// `alpha_pattern`, in the order of the document.
  let alphaPatterns: [(pattern: ModulePattern, alpha: Double)]
  /// `use_rslora`.
  let isRankStabilised: Bool
  /// `use_dora`.
  let hasMagnitudes: Bool
  /// `fan_in_fan_out`: adapted linear layers store `[in, out]`.
  let isFanInFanOut: Bool
  /// `modules_to_save`: the ends of the paths of modules that the adapter brings whole.
  let wholeModules: [String]
  /// `trainable_token_indices` or `token_indices`.
  let tokens: TokenRows
  /// `ensure_weight_tying`.
  let tiesEmbeddings: Bool
  /// `base_model_name_or_path`.
  let declaredBase: String?
  /// What a user should know.
  let notes: [String]

  /// The rows of embeddings that an adapter replaces.
  enum TokenRows {
    /// No rows.
    case none
    /// The rows of the input embedding.
    case everywhere([Int])
    /// The rows by the end of the embedding's path.
    case byModule([(end: String, rows: [Int])])

    /// The rows of one embedding; nil where the configuration names none for it.
    func rows(of module: TargetModule) -> [Int]? {
      switch self {
      case .none: return nil
      case .everywhere(let rows): return rows
      case .byModule(let entries):
        return entries.first {
          module.path == $0.end || module.path.hasSuffix("." + $0.end)
        }?.rows
      }
    }
  }

  /// The rank of a module, from the first pattern that matches.
  func rank(of module: TargetModule) -> Int {
    rankPatterns.first { $0.pattern.matches(module) }?.rank ?? rank
  }

  /// The scaling of a module: its rank and its alpha, each from the first pattern that matches,
  /// independently of one another (PEFT since 0.14).
  func scaling(of module: TargetModule) -> Scaling {
    let alpha = alphaPatterns.first { $0.pattern.matches(module) }?.alpha ?? alpha
    return Scaling(alpha: alpha, rank: rank(of: module), isRankStabilised: isRankStabilised)
  }
}

/// The methods of PEFT that are read, by their `peft_type`.
enum PEFTType: String, CaseIterable {
  case lora = "LORA"
  case trainableTokens = "TRAINABLE_TOKENS"
  case adaLoRA = "ADALORA"
  case loHa = "LOHA"
  case loKr = "LOKR"
  case layerNorm = "LN_TUNING"
  case vera = "VERA"
  case ia3 = "IA3"
  case oft = "OFT"
  case boft = "BOFT"
}
