internal import JSON
internal import Tensors

extension ForeignLayout {
  /// loralib and PEFT up to 0.2: several factors stacked for the enabled parts of a fused weight.
  static let mergedLinear = ForeignLayout(
    "merged-linear",
    "a loralib MergedLinear adapter (enable_lora)",
    advice: "Load it with PEFT 0.2 and merge it there."
  ) { clues in
    clues.sets("enable_lora")
      || (clues.peftType ?? "LORA") == "LORA"
        && clues.hasName { $0.hasSuffix(".lora_A") || $0.hasSuffix(".lora_B") }
  }
}
