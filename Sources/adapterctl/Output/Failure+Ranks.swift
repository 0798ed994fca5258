internal import Adapters

extension Failure {
  /// Why an adapter has no rank, or not the one that is asked for.
  init(rank error: AdapterError) {
    switch error {
    case .noRank(let path, let method):
      self.init(
        .unmatched, "no_rank", "\(path) is \(method.rawValue) without a change of low rank.",
        hint: "it replaces weights whole, which have no factors")
    case .notFactorised(let target):
      self.init(
        .integrity, "not_factorised",
        "The change of \(target) has no singular values: it is too large to be computed with, or "
          + "LAPACK did not converge.",
        hint: "look at the adapter's alpha and at the weight it is given")
    case .rankTooHigh(let path, let wanted, let highest):
      self.init(
        .usage, "rank_too_high",
        "Rank \(wanted) is asked for, but no module of \(path) has more than \(highest).",
        hint: "ask for \(highest) at most; in truncate --pad-rank \(wanted) fills up with zeros")
    case .rankAbovePadding(let module, let rank, let padded):
      self.init(
        .usage, "rank_above_padding",
        "\(module) keeps rank \(rank), more than --pad-rank \(padded).",
        hint: "add --max-rank \(padded)")
    case .nothingKept(let path):
      self.init(
        .negative, "nothing_kept",
        "No singular value of any module of \(path) is kept; nothing was written.",
        hint: "loosen the rule, or add --min-rank 1")
    case .sizeTooSmall(let path, let needed, let allowed):
      self.init(
        .budget, "size",
        "The weights of \(path) take at least \(Numbers.bytes(needed)), and "
          + "\(Numbers.bytes(allowed)) are allowed.")
    default: self.init(.bug, "bug", "An error has no sentence: \(error).")
    }
  }
}
