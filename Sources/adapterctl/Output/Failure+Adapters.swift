internal import Adapters
internal import Compute
internal import Files
internal import Tensors

extension Failure {
  /// Why an adapter cannot be read, bound, merged or taken out.
  init(_ error: AdapterError) {
    switch error {
    case .tensor(let error): self.init(error)
    case .file(let error): self.init(error)
    case .combination(let error): self.init(error)
    case .malformedConfiguration(let path, let rule):
      self.init(.integrity, "configuration", "The configuration \(path) \(rule).")
    case .inconsistent(let path, let rule):
      self.init(.integrity, "inconsistent", "The adapter \(path) \(rule).")
    case .empty(let path):
      self.init(
        .integrity, "empty", "The adapter \(path) holds no tensors at all.",
        hint:
          "it was probably saved from a state dict without the adapter's weights; save it again "
          + "with the trained model's save_pretrained")
    case .notAnAdapter(let path, let what, let candidates):
      self.init(
        .unmatched, "not_an_adapter", "\(path) is not an adapter: \(what).",
        hint: candidates.isEmpty
          ? nil : "did you mean \(candidates.prefix(3).map(\.text).joined(separator: ", "))?")
    case .unsupported(let path, let what, let advice):
      self.init(.unmatched, "unsupported", "\(path) is not supported: it is \(what).", hint: advice)
    case .unmatched(let adapter, let base, let targets):
      self.init(
        .unmatched, "unmatched",
        "\(adapter) changes \(targets.count) \(targets.count == 1 ? "weight" : "weights") that "
          + "\(base) does not have: \(Self.list(targets)).",
        hint: "check that this is the adapter's base; --allow-unmatched leaves them out")
    case .shapeMismatch(let adapter, let target, let base, let baseShape, let deltaShape):
      self.init(
        .unmatched, "shape",
        "\(adapter) changes \(target) by a matrix of shape \(deltaShape), but \(base) in the base "
          + "has \(baseShape).",
        hint: "check that this is the adapter's base")
    case .nothingAdmitted(let path):
      self.init(
        .unmatched, "nothing_left", "No weight of \(path) passes --include and --exclude.",
        hint: "names are those that inspect -v lists; * stands for any characters")
    case .nothingToMerge(let paths):
      self.init(
        .unmatched, "nothing_to_merge",
        "Nothing is left to merge of \(paths.map(\.text).joined(separator: ", ")).",
        hint: "loosen --include and --exclude")
    case .contradiction(let tensor, let one, let other):
      self.init(
        .unmatched, "contradiction",
        one == other
          ? "\(one) changes \(tensor) twice in ways that exclude each other."
          : "\(one) and \(other) both change \(tensor), and one of them replaces it whole.",
        hint: "leave one of them out with --exclude '\(tensor)'")
    case .weightedReplacement(let path, let tensor, let weight):
      self.init(
        .unmatched, "weighted_replacement",
        "\(path) replaces \(tensor) whole, which cannot be done by a weight of \(weight).",
        hint: "leave it out with --exclude '\(tensor)'")
    case .roundsAfterEach(let tensor):
      self.init(
        .usage, "rounds_after_each",
        "PEFT rounds \(tensor) after each adapter, which one merge of several adapters does not.",
        hint: "merge them one after the other, each with --compat peft")
    case .notComputed(let path, let tensor, let dtype):
      self.init(
        .unmatched, "dtype",
        "\(tensor) of \(path) has the type \(dtype.rawValue), which cannot be merged into.",
        hint: "merge into the 16-bit model that it was made from")
    case .stridedBase(let path, let tensor):
      self.init(
        .unmatched, "strided",
        "\(tensor) of \(path) is a strided view, whose values do not lie in order.",
        hint: "save the model as safetensors first")
    case .notMeasured(let target, let error):
      self.init(
        .integrity, "not_measured",
        "The change of \(target) cannot be factorised: "
          + (error == .notFinite ? "its values are too large." : "the iteration does not converge.")
      )
    case .notFinite(let path, let tensor, let count):
      self.init(
        .integrity, "not_finite",
        "\(tensor) of \(path) has \(count) \(count == 1 ? "value" : "values") that "
          + "\(count == 1 ? "is" : "are") NaN or infinite.",
        hint: "take an earlier checkpoint; adapterctl inspect --check-values looks at all tensors")
    case .noRank, .notFactorised, .rankTooHigh, .rankAbovePadding, .nothingKept, .sizeTooSmall:
      self.init(rank: error)
    default: self.init(outcome: error)
    }
  }

  /// What is known only once the work is under way.
  private init(outcome error: AdapterError) {
    switch error {
    case .interrupted:
      self.init(.interrupted, "interrupted", "Interrupted; nothing was left behind.")
    case .overflow(let tensor, let dtype, let count):
      self.init(
        .unmatched, "overflow",
        "\(count) \(count == 1 ? "value of \(tensor) is" : "values of \(tensor) are") too large for "
          + "\(dtype.rawValue); nothing was written.",
        hint: dtype == .f16
          ? "--dtype bf16 and --dtype f32 hold larger ones"
          : "look at the adapter's alpha and at the weight it is given")
    case .unchanged(let summary):
      self.init(
        .negative, "unchanged", Self.unchanged(summary),
        hint: summary.total.intendedSquares > 0
          ? "--dtype f32 keeps changes this small; --allow-unchanged writes the model all the same"
          : "the adapter is untrained, or its weight is 0; --allow-unchanged writes the model all "
            + "the same")
    case .survivalTooLow(let summary, let wanted):
      self.init(
        .negative, "survival",
        "Only \(Numbers.significant(summary.survival)) of the intended change would be stored, "
          + "less than \(Numbers.significant(wanted)); nothing was written.",
        hint: "--dtype f32 keeps more of it")
    case .outputIsInput(let path):
      self.init(
        .usage, "output_is_input", "\(path) is, or holds, something the output is made from.",
        hint: "write to another directory")
    case .notReplaceable(let path):
      self.init(
        .usage, "not_replaceable",
        "\(path) is not a directory of weights, so --force does not replace it.",
        hint: "write to another directory, or remove it yourself")
    case .diskBudget(let path, let needed, let free):
      self.init(
        .budget, "disk",
        "\(path) would need \(Numbers.bytes(needed)), but only \(Numbers.bytes(free)) are free; "
          + "nothing was written.",
        hint: "free some space, or write to another disk")
    case .memoryBudget(let needed, let allowed):
      self.init(
        .budget, "memory",
        "This would need \(Numbers.bytes(needed)) of memory, more than the "
          + "\(Numbers.bytes(allowed)) allowed; nothing was written.",
        hint: "fewer --threads need less")
    default: self.init(undoing: error)
    }
  }

  /// What stands in the way of taking an adapter out.
  private init(undoing error: AdapterError) {
    switch error {
    case .malformedResidual(let path, let rule):
      self.init(.integrity, "residual", "The residual \(path) \(rule).")
    case .corrections(let tensor, let error):
      self.init(
        .integrity, "residual",
        "The residual's corrections of \(tensor) \(Self.rule(error)).")
    case .magnitudesNeedResidual(let tensor):
      self.init(
        .negative, "needs_residual",
        "\(tensor) was merged with DoRA, whose factors are in the residual, which is missing.",
        hint: "without it the base cannot be computed; take it from where it came from")
    case .malformedReceipt(let path, let rule):
      self.init(
        .integrity, "receipt", "The receipt \(path) \(rule).",
        hint: "only models that adapterctl merged can be unmerged")
    case .wrongAdapter(let expected, let given):
      self.init(
        .wrongBase, "wrong_adapter",
        given.isEmpty
          ? "The adapter that was merged, \(expected), was not given."
          : "\(given.map(\.text).joined(separator: ", ")) is not the adapter that was merged: the "
            + "receipt names \(expected).",
        hint: given.isEmpty
          ? "name it with --adapter" : "give the adapters that were merged, and no others")
    case .edited(let path, let tensors):
      self.init(
        .integrity, "edited",
        tensors.isEmpty
          ? "\(path) was changed since it was merged, in a tensor that no adapter touches."
          : "\(path) was changed since it was merged: \(Self.list(tensors)).")
    case .notRestored(let tensors):
      self.init(
        .integrity, "not_restored",
        "The base did not come back: \(Self.list(tensors)) differ from the receipt's digests, so "
          + "the residual is damaged; nothing was written.")
    case .wrongBase(let path, let tensors):
      self.init(
        .wrongBase, "wrong_base",
        "\(path) is not the base that was merged into: \(Self.list(tensors)) differ.")
    default: self.init(fineTuning: error)
    }
  }

  private static func unchanged(_ summary: MergeSummary) -> String {
    guard summary.total.intendedSquares > 0 else {
      return "The adapter's change is zero everywhere, so the merged model would be the base; "
        + "nothing was written."
    }
    return "No stored value would change: the adapter's change is "
      + "\(Numbers.significant(summary.total.relativeChange)) of the weights, below what the "
      + "output's type can tell; nothing was written."
  }

  private static func rule(_ error: ResidualError) -> String {
    switch error {
    case .truncated: return "end too early"
    case .malformed(let rule): return rule
    case .otherTensor: return "are those of another tensor"
    }
  }

  /// The first names of a list, and how many more there are.
  static func list(_ names: [TensorName]) -> String {
    let shown = names.prefix(3).map(\.text).joined(separator: ", ")
    return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
  }

  private static func list(_ targets: [UnmatchedTarget]) -> String {
    let shown = targets.prefix(5).map { target in
      guard !target.nearMisses.isEmpty else { return "\(target.target) (nothing is near)" }
      return "\(target.target) (nearest: "
        + target.nearMisses.map(\.text).joined(separator: ", ") + ")"
    }
    let rest = targets.count > 5 ? "; and \(targets.count - 5) more" : ""
    return shown.joined(separator: "; ") + rest
  }
}
