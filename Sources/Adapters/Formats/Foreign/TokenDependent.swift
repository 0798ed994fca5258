internal import JSON

extension ForeignLayout {
  /// Variants of LoRA that act on some tokens only.
  static let tokenDependent = [
    ForeignLayout(
      "peft: alora",
      "an activated LoRA (alora_invocation_tokens), which acts behind its invocation tokens only",
      advice: "Serve it beside the model; merged, it would act on every token."
    ) { $0.sets("alora_invocation_tokens") },
    ForeignLayout(
      "peft: arrow",
      "an Arrow router over LoRAs (arrow_config)",
      advice: "Merge one of the LoRAs it routes to; the router itself has no weights to merge."
    ) { $0.sets("arrow_config") },
  ]
}
