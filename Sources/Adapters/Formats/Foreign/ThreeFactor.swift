internal import Tensors

extension ForeignLayout {
  /// LoRA-XS (arXiv 2405.17604) and LoRA-SB (arXiv 2411.19557): ΔW = s·B·R·A under an ordinary LoRA
  /// configuration. Without R the product would be wrong and huge.
  static let threeFactor = ForeignLayout(
    "lora-xs",
    "a LoRA-XS or LoRA-SB adapter (lora_latent_mapping)",
    advice: "Multiply the latent mapping into lora_B and save the result as an ordinary LoRA."
  ) { $0.hasName { $0.contains("lora_latent_mapping") } }
}
