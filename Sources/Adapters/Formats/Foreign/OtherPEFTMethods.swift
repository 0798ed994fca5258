internal import JSON

extension ForeignLayout {
  /// PEFT's methods that are not read, by what their updates are.
  static let otherPEFTMethods: [ForeignLayout] =
    mergeable.map { method in
      ForeignLayout(
        "peft: \(method.shortName)",
        "a PEFT \(method) adapter",
        advice:
          "Merge it with PEFT (merge_and_unload)."
      ) { $0.peftType == method }
    }
    + prompts.map { method in
      ForeignLayout(
        "peft: \(method.shortName)",
        "a PEFT \(method) adapter, which changes the prompt and no weight",
        advice: "Keep it beside the model: there is nothing in it that could be merged."
      ) { $0.peftType == method }
    }
    + routed.map { method in
      ForeignLayout(
        "peft: \(method.shortName)",
        "a PEFT \(method) adapter, whose effect depends on the input",
        advice: "Serve it beside the model: no single set of weights has its effect."
      ) { $0.peftType == method }
    } + [unknown]

  private static let mergeable = [
    "HRA", "MISS", "BONE", "DELORA", "DEFT", "GRALORA", "VBLORA",
    "UNILORA", "TINYLORA", "PVERA", "PEANUT", "PSOFT",
    "RANDLORA", "C3A", "FOURIERFT", "WAVEFT", "SHIRA", "FROD", "GLORA", "HIRA", "ROAD", "OSF",
    "SUPERTUNING", "BEFT", "ADAMSS",
  ]
  private static let prompts = [
    "PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "CPT", "CARTRIDGE", "MULTITASK_PROMPT_TUNING",
  ]
  private static let routed = ["LILY", "POLY", "XLORA", "SHADOW", "ADAPTION_PROMPT"]

  private static let unknown = ForeignLayout(
    name: { "peft: \(($0.peftType ?? "").shortName)" },
    what: { "a PEFT \(($0.peftType ?? "").prefix(40)) adapter, which this version does not know" },
    advice: "Merge it with PEFT (merge_and_unload)."
  ) { clues in
    clues.peftType.map { PEFTType(rawValue: $0) == nil } ?? false
  }
}

extension String {
  /// A method's name from a file as a name of ours: small letters, digits and hyphens, not long.
  fileprivate var shortName: String {
    String(lowercased().prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }
}
