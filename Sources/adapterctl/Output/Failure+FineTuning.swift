internal import Adapters
internal import Compute

extension Failure {
  /// Why a fine-tune cannot be compared with a base, or made an adapter of.
  init(fineTuning error: AdapterError) {
    switch error {
    case .notTheBase(let tuned, let base, let missing, let misshapen):
      self.init(
        .wrongBase, "not_the_base",
        misshapen.isEmpty
          ? "\(tuned) was not fine-tuned from \(base): it has no "
            + "\(missing.isEmpty ? "tensor of it" : Self.list(missing))."
          : "\(tuned) was not fine-tuned from \(base): \(Self.list(misshapen)) "
            + "\(misshapen.count == 1 ? "has" : "have") another shape.",
        hint: "check that this is the base; --exclude leaves tensors out that were dropped")
    case .incompleteBase(let base, let tuned, let missing):
      self.init(
        .wrongBase, "incomplete_base",
        "\(base) lacks \(Self.list(missing)), \(missing.count) of the tensors of \(tuned).",
        hint: "check that this is the base, and that all of its files are there")
    case .unchangedFineTune(let tuned, let base):
      self.init(
        .negative, "unchanged",
        "No tensor of \(tuned) differs from \(base); nothing was written.",
        hint: "check that the two paths are not the same model")
    case .notAdaptable(let path, let tensors):
      self.init(
        .unmatched, "not_adaptable",
        "\(path) changed \(Self.list(tensors)), which no adapter in PEFT's layout can hold.",
        hint: "--exclude leaves them out; keep the whole model where they matter")
    case .nothingExtracted(let path, let whole):
      self.init(
        .negative, "nothing_extracted",
        whole.isEmpty
          ? "The rule keeps nothing of what \(path) changed; nothing was written."
          : "Of what \(path) changed, only whole tensors would be kept: \(Self.list(whole)). An "
            + "adapter needs a matrix of low rank; nothing was written.",
        hint: "ask for a higher rank, or for a lower threshold")
    case .notComputable(let path, let tensor, .notFinite):
      self.init(
        .integrity, "not_finite",
        "\(tensor) of \(path) differs from the base by values that are too large.")
    case .notComputable(let path, let tensor, .notConverged):
      self.init(
        .bug, "not_converged",
        "The singular values of \(tensor) of \(path) were not found: the iteration did not end.")
    default:
      self.init(.bug, "bug", "An error has no sentence: \(error).")
    }
  }
}
