internal import JSON

extension ForeignLayout {
  /// MoRA (arXiv 2405.12130): one square matrix per module, stored twice under LoRA's names.
  static let mora = ForeignLayout(
    "mora",
    "a MoRA adapter (use_mora)",
    advice: "Merge it with the MoRA fork of PEFT."
  ) { $0.sets("use_mora") }
}
