internal import JSON
public import Tensors

/// One tensor of a base and what a fine-tune made of it.
public struct TunedTensor: Sendable {
  /// The base's.
  public let base: StoredTensor
  /// The fine-tuned one.
  public let tuned: StoredTensor
  /// What it is in the model.
  public let role: TensorRole

  /// The name that both have.
  public var name: TensorName { base.name }
  /// Whether the fine-tuned one has other extents: a vocabulary that grew or shrank.
  public var isResized: Bool { base.shape != tuned.shape }
  /// Whether the two agree in all extents but the first.
  var hasRowsOfOneLength: Bool {
    base.shape.rank == tuned.shape.rank && base.shape.rank > 0
      && base.shape.extents.dropFirst() == tuned.shape.extents.dropFirst()
  }
  /// The module and the parameter of it that the tensor is.
  public var target: TargetParameter { TargetParameter(name) }

  /// The module and the parameter that a tensor's name says.
  static func target(of name: TensorName) -> TargetParameter { TargetParameter(name) }
}

/// What a tensor is in its model, told by its name, its extents and the model's type: whether its
/// change can be two factors.
public enum TensorRole: Sendable, Hashable {
  /// The weight of a linear layer or a convolution, `[out, …]`, or `[in, out]` where it is stored
  /// turned, as GPT-2's `Conv1D` does.
  case matrix(isTurned: Bool)
  /// An embedding: a row for each token or place.
  case embedding
  /// A bias.
  case bias
  /// Another parameter of a module that is small enough to be brought whole: norms, heads of a row.
  case small
  /// Several matrices in one tensor, as some mixtures of experts have them.
  case stacked
  /// A parameter that is no module's `weight`, and large: nothing brings it but a whole model.
  case loose

  /// Model types whose linear layers are stored `[in, out]`.
  private static let turnedTypes: Set<String> = [
    "gpt2", "openai-gpt", "imagegpt", "decision_transformer",
  ]
  /// The ends of the names of modules that are embeddings.
  private static let embeddings: Set<String> = [
    "wte", "wpe", "shared", "tokens_embed", "positions_embed", "embed_in", "tok_embeddings",
    "relative_attention_bias",
  ]

  /// Whether a tensor is several matrices in one, by its name and extents.
  static func isStacked(_ info: TensorInfo) -> Bool {
    let segments = info.name.text.split(separator: ".")
    return segments.contains("experts") && info.shape.extents.count > 1
      && (info.shape.extents.count > 2 || segments.last != "weight")
  }

  /// The role of a tensor of a model.
  public init(of info: TensorInfo, in model: Checkpoint) {
    let segments = info.name.text.split(separator: ".")
    let (module, parameter) = (segments.dropLast().last ?? "", segments.last ?? "")
    let extents = info.shape.extents
    if parameter == "bias" {
      self = .bias
    } else if extents.count < 2 || extents.dropFirst().allSatisfy({ $0 == 1 }) {
      self = .small
    } else if Self.isStacked(info) {
      self = .stacked
    } else if parameter != "weight" {
      self = .loose
    } else if Self.embeddings.contains(String(module)) || module.contains("embed") {
      self = .embedding
    } else if extents.count > 2, extents[1] == 1 {
      // A depthwise convolution: its factors would not be two convolutions.
      self = .small
    } else {
      let type = model.config?["model_type"]?.string
      self = .matrix(
        isTurned: extents.count == 2 && Self.turnedTypes.contains(type ?? "")
          && !info.name.text.hasSuffix("lm_head.weight"))
    }
  }
}
