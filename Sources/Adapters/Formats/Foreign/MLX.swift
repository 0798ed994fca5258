internal import Files
internal import JSON
internal import Tensors

extension ForeignLayout {
  /// MLX-LM: `adapters.safetensors`, factors stored as `[in, rank]` and `[rank, out]`.
  static let mlx = ForeignLayout(
    "mlx",
    "an MLX adapter",
    advice: "Fuse it with `mlx_lm.fuse`, or train with PEFT's layout."
  ) { clues in
    let isNamed = ["adapters.safetensors", "adapters.npz"].contains(clues.weights.name)
    let isConfigured = ["fine_tune_type", "lora_parameters", "lora_layers"].contains(
      where: clues.sets
    )
    return isConfigured || isNamed && clues.peftType == nil
      || clues.hasName { $0.hasSuffix(".lora_a") && !$0.contains(".attn.") }
  }
}
