internal import Compute
internal import Parallel

/// How several adapters lie to one another before they are combined: how much they point the same
/// way, share directions, and pull entries to different sides; and how large their sum will be.
///
/// Everything but the signs is read off the factors. For the signs deltas are formed, a tile at a time.
public struct AdapterOverlap: Sendable {
  /// The members that were compared; one of the weight 0 is left out, as it takes no part.
  public let members: [CombineMember]
  /// The common ancestor that the members' changes are measured from; nil where there is none.
  public let ancestor: CombineMember?
  /// Every weight, by target.
  public let weights: [WeightOverlap]
  /// Things the user should know, as whole sentences.
  public let notes: [String]

  /// Compares the updates of at least two adapters, with an ancestor what changed since then. Throws
  /// where they do not fit one another, where one depends on a base that is not given, and where a
  /// value is not finite.
  public init(
    _ members: [CombineMember], ancestor: CombineMember? = nil, filter: NameFilter = NameFilter(),
    execution: Execution = Execution()
  ) throws(AdapterError) {
    // A method that takes any weights and combines changes since the ancestor one by one.
    var options = CombineOptions(.magnitudePrune)
    options.filter = filter
    let plan = try CombinePlan(members, ancestor: ancestor, options: options)
    guard plan.members.count > 1 else {
      throw .combination(
        .badOptions("--analyze compares at least 2 adapters, not \(plan.members.count)."))
    }
    let results = Results<WeightOverlap>(count: plan.weights.count)
    try execution.workers.perform(jobs: plan.weights.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let weight = plan.weights[number]
      let combination = try WeightCombination(weight, of: plan, execution)
      do throws(ComputeError) {
        results[number] = try WeightOverlap(weight, combination, form: execution.form)
      } catch { throw .notFactorised(weight.target) }
      execution.progress(weight.byteCount)
    }
    self.members = plan.members
    self.ancestor = ancestor
    weights = results.values
    notes = plan.notes
  }

  /// ‖Δ‖ of a member over all weights.
  public func norm(of place: Int) -> Double { Self.root(weights.map { $0.norms[place] ?? 0 }) }
  /// ‖Σ wΔ‖ over all weights.
  public var sumNorm: Double { Self.root(weights.map(\.sumNorm)) }
  /// √Σ‖wΔ‖² over all weights.
  public var orthogonalNorm: Double { Self.root(weights.map(\.orthogonalNorm)) }

  /// The pairs over weights taken together. A weight that one of two lacks counts for its norm alone.
  public func pairs(of weights: [WeightOverlap]) -> [PairOverlap] {
    members.indices.flatMap { first in
      ((first + 1)..<max(members.count, first + 1)).map { second in
        var pair = PairOverlap(first, second)
        for weight in weights {
          if let own = weight.pairs.first(where: { Set([$0.first, $0.second]) == [first, second] })
          {
            pair.add(own.first == first ? own : own.turned)
          } else {
            let (a, b) = (weight.norms[first] ?? 0, weight.norms[second] ?? 0)
            pair.add(PairOverlap(first, second, squares: (a * a, b * b)))
          }
        }
        return pair
      }
    }
  }

  private static func root(_ parts: [Double]) -> Double {
    parts.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}

extension PairOverlap {
  /// The same pair, the second first.
  fileprivate var turned: PairOverlap {
    PairOverlap(
      second, first, innerProduct: innerProduct,
      squares: (secondSquare, firstSquare), outputs: outputs, inputs: inputs,
      sharedCount: sharedCount, opposedCount: opposedCount)
  }
}
