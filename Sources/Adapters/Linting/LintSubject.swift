internal import JSON
internal import Tensors

/// What rules look at: an adapter, counted.
struct LintSubject {
  let adapter: Adapter
  /// The largest rank that the program is started with.
  let rankLimit: Int
  /// The updates that are low-rank, with their factors.
  let factors: [(target: TargetParameter, factors: LowRank)]

  init(_ adapter: Adapter, rankLimit: Int) {
    self.adapter = adapter
    self.rankLimit = rankLimit
    factors = adapter.updates.compactMap { update in
      update.delta?.writtenFactors.map { (update.target, $0) }
    }
  }

  private var config: JSONValue? { try? JSONValue(parsing: adapter.configBytes) }

  /// The targets that fit, as rules name them.
  func targets(where fits: (WeightUpdate) -> Bool) -> [String] {
    adapter.updates.filter(fits).map(\.target.description)
  }

  var dora: [String] {
    targets { update in
      if case .delta(.open(let delta)) = update.change {
        return (delta as? MetaRows)?.magnitude != nil
      }
      return update.hasMagnitudes
    }
  }

  var whole: [String] {
    targets { if case .replacement = $0.change { true } else { false } }
  }

  var rows: [String] { targets { if case .rows = $0.change { true } else { false } } }

  var biases: [String] {
    targets { update in
      guard update.target.parameter == "bias" else { return false }
      if case .delta = update.change { return true }
      return false
    }
  }

  var convolutions: [String] {
    factors.filter { $0.factors.placement.extents.count > 2 }.map(\.target.description)
  }

  var embeddings: [String] {
    factors.filter { $0.target.module.isEmbedding || $0.target.module.kind == "lm_head" }
      .map(\.target.description)
  }

  /// Whether it belongs to a base that its initialisation has changed.
  var changesBase: Bool {
    [.pissa, .olora, .corda, .loraGA].contains(adapter.method)
  }

  /// The updates that are no product of two stored factors.
  var otherForms: [String] {
    changesBase
      ? []
      : targets { update in
        switch update.change {
        case .replacement, .rows: return false
        case .delta(.stored): return update.target.parameter != "bias"
        case .delta(let delta), .magnitude(let delta, _):
          return delta.writtenFactors?.tensors.count != 2
        case .gain, .rotation: return true
        }
      }
  }

  /// The modules whose rank is above the limit.
  var tooDeep: [String] {
    factors.filter { $0.factors.rank > rankLimit }.map(\.target.description)
  }

  var ranks: Set<Int> { Set(factors.map(\.factors.rank)) }
  var scales: Set<Double> { Set(factors.map(\.factors.scaling.factor)) }
  var largestRank: Int { ranks.max() ?? 0 }

  /// Whether the scale that a program computes as lora_alpha / r differs from the adapter's own.
  var misScaled: [String] {
    guard let config else { return [] }
    let alpha = config["lora_alpha"]?.number ?? 8
    let rank = config["r"]?.number ?? 8
    return factors.filter { abs($0.factors.scaling.factor - alpha / rank) > 1e-12 * abs(alpha) }
      .map(\.target.description)
  }

  /// The same for a program that divides by each tensor's own rank and reads lora_alpha alone.
  var misScaledByTensor: [String] {
    guard let config else { return [] }
    let alpha = config["lora_alpha"]?.number ?? 8
    return factors.filter {
      abs($0.factors.scaling.factor - alpha / Double($0.factors.rank)) > 1e-12 * abs(alpha)
    }.map(\.target.description)
  }
}

extension Delta {
  /// The two factors as the file has them, rows in whatever order; nil where it has another form.
  fileprivate var writtenFactors: LowRank? {
    switch self {
    case .lowRank(let factors): return factors
    case .open(let delta): return (delta as? MetaRows)?.factors
    case .hadamard, .kronecker, .tiledBlocks, .stack, .stored: return nil
    }
  }
}
