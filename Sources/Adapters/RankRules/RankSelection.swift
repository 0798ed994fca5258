/// A rank rule with its limits: how many singular values each module keeps.
public struct RankSelection: Sendable, Hashable {
  /// The rule.
  public let rule: RankRule
  /// The least rank of a module, as far as it has so many singular values.
  public let leastRank: Int
  /// The largest rank of a module.
  public let mostRank: Int

  /// A rule with its limits, 0 ≤ `leastRank` ≤ `mostRank`.
  public init(_ rule: RankRule, leastRank: Int = 0, mostRank: Int = .max) {
    precondition(0 <= leastRank && leastRank <= mostRank, "the limits are in order")
    self.rule = rule
    self.leastRank = leastRank
    self.mostRank = mostRank
  }

  /// A module as a budget sees it.
  public struct Candidate: Sendable {
    /// Its singular values.
    public let spectrum: Spectrum
    /// What each rank of it costs.
    public let byteCountPerRank: Int
    /// What it costs besides, where it is there at all: its names.
    public let byteCountOnce: Int
    /// Whether it is there without a rank too, and then takes the place of one.
    public let isPermanent: Bool

    /// A module whose ranks cost so many bytes each.
    public init(
      _ spectrum: Spectrum, byteCountPerRank: Int, byteCountOnce: Int = 0,
      isPermanent: Bool = false
    ) {
      self.spectrum = spectrum
      self.byteCountPerRank = byteCountPerRank
      self.byteCountOnce = byteCountOnce
      self.isPermanent = isPermanent
    }

    /// What it costs with a rank.
    func byteCount(ofRank rank: Int) -> Int {
      rank > 0 || isPermanent ? byteCountOnce + max(rank, 1) * byteCountPerRank : 0
    }
  }

  /// The rank of one module; nil where the known singular values do not decide it, and for a global
  /// rule.
  public func rank(of spectrum: Spectrum) -> Int? {
    if !spectrum.isComplete, spectrum.values.count >= mostRank, let limited = limited(spectrum) {
      return limited
    }
    return rule.rank(of: spectrum).map { clamped($0, spectrum) }
  }

  /// The ranks of all modules; nil where the known singular values do not decide one of them.
  ///
  /// `fixedByteCount` is what a budget has to carry besides ranks.
  public func ranks(of modules: [Candidate], fixedByteCount: Int = 0) -> [Int]? {
    guard case .size(let byteCount) = rule else {
      let ranks = modules.compactMap { rank(of: $0.spectrum) }
      return ranks.count == modules.count ? ranks : nil
    }
    guard modules.allSatisfy(\.spectrum.isComplete) else { return nil }
    return spent(byteCount - fixedByteCount, on: modules)
  }

  private func clamped(_ rank: Int, _ spectrum: Spectrum) -> Int {
    min(max(rank, min(leastRank, spectrum.values.count)), mostRank)
  }

  /// The largest rank, where a rule is known to keep that many at least.
  private func limited(_ spectrum: Spectrum) -> Int? {
    guard !rule.isGlobal else { return nil }
    let known = Spectrum(
      largest: Array(spectrum.values.prefix(mostRank)), energy: spectrum.energy)
    return rule.rank(of: known) == nil ? mostRank : nil
  }

  /// Spends bytes where they carry most: σᵢ² per byte, the largest first, the earlier module of equal
  /// ones. A rank that no longer fits ends its module and not the others.
  ///
  /// Within a module the gain falls, so that taking ranks in this order takes each module's in its
  /// own order too.
  private func spent(_ budget: Int, on modules: [Candidate]) -> [Int] {
    var ranks = modules.map { min(leastRank, mostRank, $0.spectrum.values.count) }
    var left = budget - zip(ranks, modules).reduce(0) { $0 + $1.1.byteCount(ofRank: $1.0) }
    var offers: [(gain: Double, module: Int, place: Int)] = []
    for (number, module) in modules.enumerated() {
      for place in ranks[number]..<max(ranks[number], min(mostRank, module.spectrum.values.count)) {
        let value = module.spectrum.values[place]
        guard value > 0 else { break }
        offers.append((value * value / Double(max(1, module.byteCountPerRank)), number, place))
      }
    }
    offers.sort { ($1.gain, $0.module, $0.place) < ($0.gain, $1.module, $1.place) }
    for offer in offers where ranks[offer.module] == offer.place {
      let module = modules[offer.module]
      let cost = module.byteCount(ofRank: offer.place + 1) - module.byteCount(ofRank: offer.place)
      guard cost <= left else { continue }
      ranks[offer.module] += 1
      left -= cost
    }
    return ranks
  }
}
