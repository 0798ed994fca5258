internal import JSON
internal import Tensors

extension ForeignLayout {
  /// Layers of the base used several times: the copies share their tensors, so that one tensor
  /// would receive several different updates.
  static let layerReplication = ForeignLayout(
    "peft: layer-replication",
    "a LoRA over replicated layers (layer_replication)",
    advice: "Write the expanded model out first and save the adapter against that model."
  ) { $0.sets("layer_replication") }

  /// LoRA on parameters, mostly the fused three-dimensional experts of a mixture.
  static let targetParameters = ForeignLayout(
    "peft: target-parameters",
    "a LoRA on parameters, such as fused MoE experts (target_parameters)",
    advice: "Merge it with PEFT (merge_and_unload)."
  ) { clues in
    clues.sets("target_parameters")
      || clues.hasName { $0.contains(".experts.lora_") || $0.contains(".experts.base_layer.lora_") }
  }
}
