/// What combining may be told, apart from the adapters and their weights.
public struct CombineOptions: Sendable {
  /// How the deltas become one.
  public var method: CombineMethod
  /// The share of entries that is kept; nil takes the method's default.
  public var density: Double?
  /// DELLA's half range of probabilities; nil takes the default.
  public var epsilon: Double?
  /// Breadcrumbs' share of outliers; nil takes the default.
  public var gamma: Double?
  /// What the combined delta is multiplied by.
  public var lambda = 1.0
  /// SLERP's place between the two; nil lets the weights tell it.
  public var t: Double?
  /// How signs are elected; nil takes the method's default.
  public var majority: SignElection.Majority?
  /// What elected sums are divided by; nil takes the method's default.
  public var divisor: SignElection.Divisor?
  /// The seed of random masks.
  public var seed: UInt64 = 0
  /// Which targets are combined.
  public var filter = NameFilter()

  /// A method with its defaults.
  public init(_ method: CombineMethod) { self.method = method }

  /// The share of entries that is kept.
  public var effectiveDensity: Double {
    density ?? ([.breadcrumbs, .breadcrumbsTIES].contains(method) ? 0.9 : 0.5)
  }
  /// DELLA's half range of probabilities: narrowed where the density leaves no room for 0.15.
  public var effectiveEpsilon: Double {
    epsilon ?? min(0.15, effectiveDensity / 2, 1 - effectiveDensity)
  }
  /// Breadcrumbs' share of outliers.
  public var effectiveGamma: Double { gamma ?? min(0.01, 1 - effectiveDensity) }
  /// The election: as PEFT holds it, and for KnOTS as its authors do.
  public var election: SignElection {
    SignElection(
      majority: majority ?? (method == .knots ? .weighted : .total),
      divisor: divisor ?? (method == .knots ? .none : .count))
  }
}

extension CombineOptions {
  /// The rule that the options break for these members, as a sentence; nil where they break none.
  func brokenRule(weights: [Double]) -> String? {
    let counts = method.memberCounts
    let name = method.rawValue
    guard counts.contains(weights.count) else {
      return "\(name) takes \(counts.lowerBound) adapters, not \(weights.count)."
    }
    if !method.hasWeights, method != .slerp, weights.contains(where: { $0 != 1 }) {
      return "\(name) takes no weights: the angles between the adapters tell how much of them is "
        + "taken."
    }
    return brokenRange ?? unusedOption ?? brokenWeights(weights)
  }

  private var brokenRange: String? {
    let density = effectiveDensity
    if method.hasDensity, !(density > 0 && density <= 1) {
      return "A density is more than 0 and at most 1, not \(density)."
    }
    if [.della, .dellaLinear].contains(method), density < 1 {
      let epsilon = effectiveEpsilon
      if !(epsilon >= 0 && density - epsilon > 0 && density + epsilon <= 1) {
        return "density − epsilon is more than 0 and density + epsilon at most 1, but they are "
          + "\(density) and \(epsilon)."
      }
    }
    if let gamma, !(gamma >= 0 && gamma < 1) {
      return "A gamma is at least 0 and less than 1, not \(gamma)."
    }
    if !lambda.isFinite { return "A lambda is a finite number." }
    if let t, !(t >= 0 && t <= 1) { return "A t is from 0 to 1, not \(t)." }
    return nil
  }

  private var unusedOption: String? {
    let given: [(String, Bool, Bool)] = [
      ("density", density != nil, method.hasDensity),
      ("epsilon", epsilon != nil, [.della, .dellaLinear].contains(method)),
      ("gamma", gamma != nil, [.breadcrumbs, .breadcrumbsTIES].contains(method)),
      ("t", t != nil, method == .slerp),
      ("majority sign", majority != nil, method.electsSigns),
      ("normalisation", divisor != nil, method.electsSigns),
    ]
    return given.first { $0.1 && !$0.2 }.map { "\(method.rawValue) has no \($0.0)." }
  }

  private func brokenWeights(_ weights: [Double]) -> String? {
    guard method == .slerp else { return nil }
    let sum = weights[0] + weights[1]
    guard weights.allSatisfy({ $0 >= 0 }), sum > 0 else {
      return "slerp takes weights that are not negative, and not both 0."
    }
    if let t, weights != [1, 1], abs(weights[1] / sum - t) > 1e-9 {
      return "The weights tell slerp a t of \(weights[1] / sum), and --t says \(t)."
    }
    return nil
  }

  /// SLERP's place between two members of these weights.
  public func place(ofMembersWeighted weights: [Double]) -> Double {
    t ?? weights[1] / (weights[0] + weights[1])
  }
}
