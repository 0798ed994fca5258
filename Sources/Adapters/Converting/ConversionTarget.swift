public import Tensors

/// The layouts an adapter is written in.
public enum ConversionTarget: String, Sendable, CaseIterable {
  /// `adapter_config.json` beside `adapter_model.safetensors`.
  case peft
  /// kohya's sd-scripts: flattened names, an alpha for each module.
  case kohya
  /// diffusers: `pytorch_lora_weights.safetensors` with the components' names.
  case diffusers
  /// MLX-LM.
  case mlx
  /// torchtune's own names, in `adapter_model.pt`.
  case torchtune
  /// llama.cpp.
  case gguf
  /// The changes themselves, multiplied out.
  case dense

  /// What the layout is called in sentences.
  public var name: String {
    switch self {
    case .peft: "PEFT's layout"
    case .kohya: "kohya's layout"
    case .diffusers: "diffusers' layout"
    case .mlx: "MLX's layout"
    case .torchtune: "torchtune's layout"
    case .gguf: "a GGUF adapter"
    case .dense: "a file of dense changes"
    }
  }

  /// The name of the file of weights in the directory that is written.
  var fileName: String {
    switch self {
    case .peft: "adapter_model.safetensors"
    case .kohya: "adapter.safetensors"
    case .diffusers: "pytorch_lora_weights.safetensors"
    case .mlx: "adapters.safetensors"
    case .torchtune: "adapter_model.pt"
    case .gguf: "adapter.gguf"
    case .dense: "delta.safetensors"
    }
  }
}

/// What a user asks of a conversion.
public struct ConversionOptions: Sendable {
  /// The type of the written factors; nil keeps each module's own.
  public var dtype: DType?
  /// Whether scales are multiplied into B, so that each is 1.
  public var bakesScale = false

  /// The adapter's own types, scales beside the factors.
  public init() {}
}
