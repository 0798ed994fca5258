internal import JSON
internal import Tensors

extension ForeignLayout {
  /// loralib and PEFT up to 0.2 without the list that says which parts of a fused weight the
  /// stacked factors are for.
  static let mergedLinear = ForeignLayout(
    "merged-linear",
    "a loralib MergedLinear adapter without enable_lora in its configuration",
    advice:
      "Add enable_lora, the list of the fused parts that were trained, to adapter_config.json: "
      + "[true, false, true] for query and value."
  ) { clues in
    !clues.sets("enable_lora") && (clues.peftType ?? "LORA") == "LORA"
      && clues.hasName { $0.hasSuffix(".lora_A") || $0.hasSuffix(".lora_B") }
  }
}
