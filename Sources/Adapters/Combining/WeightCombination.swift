internal import Compute

/// The deltas of one weight, loaded and in the order in which they are put together.
struct WeightCombination {
  /// The deltas of the adapters that have this weight.
  let deltas: [FactoredDelta]
  /// Their weights, none of them 0.
  let weights: [Double]
  /// What each one's random numbers depend on.
  let names: [String]
  /// Their places among all adapters that are combined.
  let places: [Int]
  /// How many adapters are combined, with those that lack this weight: their delta is 0.
  let memberCount: Int
  /// SLERP's place between the two.
  let t: Double
  /// What the combined changes are put on top of; nil for nothing.
  var ancestor: FactoredDelta?

  /// A delta in the form in which a method leaves it.
  enum Delta: Sendable {
    case factors(FactoredDelta)
    case formed(Matrix)
    /// Zero everywhere.
    case zero
  }

  /// The combined delta, λ included, and what the method has to say of it.
  func combined(
    by options: CombineOptions, form: KernelForm
  ) throws(ComputeError) -> (delta: Delta, figures: WeightFigures) {
    var figures = WeightFigures()
    var delta = deltas.isEmpty ? .zero : try combined(by: options, form: form, &figures)
    delta = delta.scaled(by: options.lambda)
    if let ancestor { delta = delta.adding(ancestor, form) }
    return (delta, figures)
  }

  private func combined(
    by options: CombineOptions, form: KernelForm, _ figures: inout WeightFigures
  ) throws(ComputeError) -> Delta {
    if let method = ElementwiseCombination(options) {
      let (delta, tally) = method.combined(deltas, weights: weights, names: names, form: form)
      figures.tally = tally
      return .formed(delta)
    }
    switch options.method {
    case .slerp:
      let pair = (0..<2).map { place in places.firstIndex(of: place).map { deltas[$0] } }
      let shares = SphericalInterpolation(at: t, from: pair[0], to: pair[1])
      figures.cosine = shares.cosine
      return .factors(
        .sum(
          [(pair[0], shares.first), (pair[1], shares.second)].compactMap { delta, share in
            delta?.scaled(by: share)
          }))
    case .modelStock:
      let stock = ModelStock(of: deltas, count: memberCount)
      figures.cosine = stock.cosine
      figures.ratio = stock.ratio
      return stock.ratio == 0
        ? .zero
        : .factors(.sum(deltas.map { $0.scaled(by: stock.ratio / Double(memberCount)) }))
    case .knots:
      let signed = zip(deltas, weights).map { $0.scaled(by: $1 < 0 ? -1 : 1) }
      let method = KnOTS(density: options.effectiveDensity, election: options.election)
      guard let merged = try method.merged(signed, weights: weights.map(abs)) else { return .zero }
      figures.tally = merged.tally
      return .factors(merged.delta)
    case .tsv: return try TaskSingularVectors.merged(weighted).map { .factors($0) } ?? .zero
    case .isoC:
      guard let flat = try IsotropicSpectrum.flattened(.sum(weighted)) else { return .zero }
      figures.flatValue = flat.value
      return .factors(flat.delta)
    default: return .factors(.sum(weighted))
    }
  }

  private var weighted: [FactoredDelta] {
    zip(deltas, weights).map { $0.scaled(by: $1) }
  }
}

extension WeightCombination.Delta {
  fileprivate func scaled(by factor: Double) -> WeightCombination.Delta {
    guard factor != 1 else { return self }
    switch self {
    case .factors(let delta): return .factors(delta.scaled(by: factor))
    case .formed(var delta):
      for index in delta.elements.indices {
        delta.elements[index] = Float(Double(delta.elements[index]) * factor)
      }
      return .formed(delta)
    case .zero: return .zero
    }
  }

  fileprivate func adding(_ other: FactoredDelta, _ form: KernelForm) -> WeightCombination.Delta {
    switch self {
    case .factors(let delta): return .factors(.sum([delta, other]))
    case .formed(var delta):
      let added = other.formed(form)
      for index in delta.elements.indices { delta.elements[index] += added[index] }
      return .formed(delta)
    case .zero: return .factors(other)
    }
  }
}

/// What a method has to say of one weight, beyond its delta.
public struct WeightFigures: Sendable, Hashable {
  /// What became of the entries, of methods that change them one by one.
  public internal(set) var tally: ElementTally?
  /// The cosine between the deltas: of SLERP, and the mean of model stock.
  public internal(set) var cosine: Double?
  /// What model stock multiplies the mean by.
  public internal(set) var ratio: Double?
  /// What all singular values are made, of Iso-C.
  public internal(set) var flatValue: Double?
}
