internal import Files
internal import Tensors

extension ForeignLayout {
  /// torchtune: `layers.N.attn.q_proj.lora_a.weight` under Meta's names, rows in Meta's order.
  static let torchtune = ForeignLayout(
    "torchtune",
    "a torchtune adapter",
    advice: "Use the PEFT files that torchtune writes beside it (`save_adapter_weights_only`, "
      + "`adapter_model.safetensors`)."
  ) { clues in
    clues.peftType == nil && ["adapter_0.pt", "adapter_model.pt"].contains(clues.weights.name)
      || clues.hasName {
        $0.hasPrefix("layers.")
          && ($0.hasSuffix(".lora_a.weight") || $0.hasSuffix(".lora_b.weight"))
      }
  }
}
