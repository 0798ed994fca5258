internal import JSON

extension ForeignLayout {
  /// Layers of the base used several times: the copies share their tensors, so that one tensor
  /// would receive several different updates.
  static let layerReplication = ForeignLayout(
    "peft: layer-replication",
    "a LoRA over replicated layers (layer_replication)",
    advice: "Write the expanded model out first and save the adapter against that model."
  ) { $0.sets("layer_replication") }
}
