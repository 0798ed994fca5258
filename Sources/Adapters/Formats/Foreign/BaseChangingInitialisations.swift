internal import JSON

extension ForeignLayout {
  /// Initialisations that take a part out of the base before training: such an adapter belongs to
  /// the base that was left, and is wrong on the one that users have.
  ///
  /// A converted adapter says `init_lora_weights: true` and is read as any other.
  static let baseChangingInitialisations: [ForeignLayout] =
    [
      ("pissa", "PiSSA"), ("olora", "OLoRA"), ("corda", "CorDA"), ("lora_ga", "LoRA-GA"),
    ].map { value, name in
      ForeignLayout(
        "peft: \(name.lowercased())",
        "a LoRA initialised by \(name), which belongs to the base that \(name) left",
        advice:
          "Put the initial adapter, as it was saved before training, into a folder "
          + "\(InitialAdapter.folderName) beside the weights; or save it again with PEFT's "
          + "path_initial_model_for_weight_conversion, which writes a LoRA for the untouched base."
      ) { ($0.initialisation?.hasPrefix(value) ?? false) && !$0.hasInitialAdapter }
    } + [
      ForeignLayout(
        "peft: loftq",
        "a LoRA initialised by LoftQ, which belongs to its own quantised base",
        advice: "Merge it with PEFT into the quantised base that LoftQ made."
      ) { $0.initialisation == "loftq" },
      ForeignLayout(
        "peft: kasa",
        "a KaSA adapter (kasa_config), whose base is truncated first",
        advice:
          "Merge it with PEFT (merge_and_unload)."
      ) { $0.sets("kasa_config") },
      ForeignLayout(
        name: { _ in "peft: other-initialisation" },
        what: {
          "a LoRA initialised by \(($0.initialisation ?? "").prefix(40)), which this version does not "
            + "know"
        },
        advice: "If that initialisation leaves the base as it is, set init_lora_weights to true in "
          + "adapter_config.json."
      ) { clues in
        guard let name = clues.initialisation else { return false }
        return !harmless.contains(name) && !rebuilt.contains(where: name.hasPrefix)
      },
    ]

  /// Initialisations whose part of the base an initial adapter tells.
  private static let rebuilt = ["pissa", "olora", "corda", "lora_ga"]

  /// Initialisations that only choose where training starts.
  private static let harmless = ["gaussian", "eva", "orthogonal", "mica", "true", "false"]
}

extension AdapterClues {
  /// Whether the state before training stands beside the weights.
  fileprivate var hasInitialAdapter: Bool { InitialAdapter.folder(beside: weights) != nil }

  /// The initialisation's name, in small letters; nil where it has none.
  fileprivate var initialisation: String? {
    guard peftType == "LORA" else { return nil }
    return configuration?["init_lora_weights"]?.string?.lowercased()
  }
}
