internal import Compute

extension WeightCombination {
  /// Loads the deltas of one planned weight; throws where a factor is unreadable or not finite.
  ///
  /// The random numbers of a delta depend on the seed, the weight's name and the contents of its
  /// adapter, and of the ancestor it is a change from; not on the order or the number of adapters.
  init(
    _ weight: PlannedWeight, of plan: CombinePlan, _ execution: Execution
  ) throws(AdapterError) {
    let old = try weight.ancestor?.factored(execution)
    let isSum = plan.options.method.isSum
    var deltas: [FactoredDelta] = []
    var weights = weight.members.map { plan.members[$0].weight }
    for delta in weight.deltas {
      var parts: [FactoredDelta] = []
      if let own = try delta?.factored(execution) { parts.append(own) }
      if !isSum, let old { parts.append(old.scaled(by: -1)) }
      deltas.append(.sum(parts))
    }
    var names = weight.members.map { place in
      "\(weight.target)\u{0}\(plan.members[place].id)"
        + (plan.ancestor.map { "\u{0}\($0.id)" } ?? "")
    }
    var places = weight.members
    if isSum, let old {
      // O + Σ w·(Δ − O), with the ancestor's factors once; a member that lacks the weight counts.
      deltas.append(old)
      weights.append(1 - plan.members.reduce(0) { $0 + $1.weight })
      names.append("")
      places.append(plan.members.count)
      if weights.last == 0, deltas.count > 1 {
        deltas.removeLast()
        weights.removeLast()
        names.removeLast()
        places.removeLast()
      }
    }
    self.init(
      deltas: deltas, weights: weights, names: names, places: places,
      memberCount: plan.members.count,
      t: plan.options.method == .slerp
        ? plan.options.place(ofMembersWeighted: plan.members.map(\.weight)) : 0,
      ancestor: isSum ? nil : old)
  }
}
