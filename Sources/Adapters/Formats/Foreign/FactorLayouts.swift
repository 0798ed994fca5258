internal import JSON

extension ForeignLayout {
  /// QA-LoRA (arXiv 2309.14717): A acts on means of groups of inputs.
  static let quantisationAware = ForeignLayout(
    "peft: qalora",
    "a QA-LoRA adapter (use_qalora)",
    advice: "Serve it beside its quantised base, for which it was trained."
  ) { $0.sets("use_qalora") }

  /// BD-LoRA: one factor is stored as the blocks of a block-diagonal matrix.
  static let blockDiagonal = ForeignLayout(
    "peft: bdlora",
    "a BD-LoRA adapter (use_bdlora)",
    advice: "Merge it with PEFT (merge_and_unload)."
  ) { $0.sets("use_bdlora") }
}
