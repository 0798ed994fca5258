internal import Digests
internal import Tensors

/// The updates of several adapters, target by target.
struct CombinePairing {
  private(set) var weights: [PlannedWeight] = []
  private(set) var carried: [WeightUpdate] = []
  private(set) var notes: [String] = []
  private let members: [CombineMember]
  private let ancestor: CombineMember?
  private let options: CombineOptions
  /// The members' places in the order in which sums run.
  private let order: [Int]
  /// How many targets each member lacks.
  private var missing: [Int]

  /// One adapter's update of a target; `member` is nil for the ancestor's.
  private struct Entry {
    let member: Int?
    let update: WeightUpdate
  }

  init(
    _ members: [CombineMember], ancestor: CombineMember?, options: CombineOptions
  ) throws(AdapterError) {
    self.members = members
    self.ancestor = ancestor
    self.options = options
    missing = [Int](repeating: 0, count: members.count)
    // Sums and votes run in the order of the contents, so that the order in which adapters are given
    // changes no byte; factors that stay as they are stay in the user's order.
    order =
      options.method.isSum || options.method == .slerp
      ? Array(members.indices)
      : members.indices.sorted {
        (members[$0].id.description, members[$0].weight, $0)
          < (members[$1].id.description, members[$1].weight, $1)
      }
    try pair()
    addNotes()
    try addEffectNotes()
  }

  private mutating func pair() throws(AdapterError) {
    var entries: [TargetParameter: [Entry]] = [:]
    for place in order {
      for update in members[place].adapter.updates where !isAbsent(update, members[place]) {
        entries[update.target, default: []].append(Entry(member: place, update: update))
      }
    }
    for update in ancestor?.adapter.updates ?? [] {
      entries[update.target, default: []].append(Entry(member: nil, update: update))
    }
    for (target, own) in entries.sorted(by: { $0.key < $1.key })
    where options.filter.admits(TensorName(target.description)) {
      let whole = own.filter { $0.update.isSubstitution }
      guard whole.isEmpty else {
        try carry(whole, of: own, target)
        continue
      }
      try plan(own, target)
    }
    guard !weights.isEmpty else { throw .nothingToMerge(members.map(\.adapter.path)) }
    try checkFanInFanOut()
  }

  /// Whether the base that is given lacks what an update may do without.
  private func isAbsent(_ update: WeightUpdate, _ member: CombineMember) -> Bool {
    guard update.isOptional, let effect = member.effect else { return false }
    return effect.change(of: update) == nil
  }

  /// Takes over what members bring whole; throws where they do not agree.
  private mutating func carry(
    _ whole: [Entry], of all: [Entry], _ target: TargetParameter
  ) throws(AdapterError) {
    if let other = all.first(where: { !$0.update.isSubstitution }) {
      throw .combination(
        .wholeAndDelta(target, whole: adapter(whole[0]).path, delta: adapter(other).path))
    }
    // A member that kept the ancestor's has not changed it.
    let old = whole.first { $0.member == nil }
    let changed = whole.filter { entry in
      entry.member != nil && !(old.map { isSame(entry, $0) } ?? false)
    }
    guard let first = changed.first ?? old else { return }
    if let other = changed.first(where: { !isSame($0, first) }) {
      throw .combination(
        .wholeTensorsDiffer(target, adapter(first).path, adapter(other).path))
    }
    carried.append(first.update)
  }

  private mutating func plan(_ own: [Entry], _ target: TargetParameter) throws(AdapterError) {
    let form = try commonForm(own, target)
    let old = own.first { $0.member == nil }
    let oldDelta = old.flatMap(delta)
    var (places, deltas): ([Int], [MemberDelta?]) = ([], [])
    for place in order {
      let entry = own.first { $0.member == place }
      if entry == nil { missing[place] += 1 }
      if !options.method.isSum, let old {
        // What has not changed since then is no change: not even one of rounding.
        if let entry, isSame(entry, old) { continue }
      } else if entry == nil {
        continue
      }
      places.append(place)
      deltas.append(entry.flatMap(delta))
    }
    weights.append(
      PlannedWeight(
        target: target, members: places, deltas: deltas, ancestor: oldDelta, form: form))
  }

  /// The form that all updates of a target have; throws where they differ, or depend on a base.
  private func commonForm(
    _ own: [Entry], _ target: TargetParameter
  ) throws(AdapterError) -> WeightForm {
    var common: (form: WeightForm, of: Entry)?
    for entry in own {
      guard let form = try form(of: entry) else {
        throw .combination(.dependsOnBase(adapter(entry).path, target, adapter(entry).method))
      }
      if let common, let difference = common.form.difference(from: form) {
        throw .combination(
          .formsDiffer(
            target, adapter(common.of).path, adapter(entry).path, difference: difference))
      }
      common = common ?? (form, entry)
    }
    guard let common else { preconditionFailure("a target has an update") }
    return common.form
  }

  /// What an entry does: its update, or where that depends on a base what it makes of it.
  private func delta(_ entry: Entry) -> MemberDelta? {
    if case .delta(let delta) = entry.update.change { return .additive(delta) }
    return member(entry).effect?.change(of: entry.update).map { .effective($0) }
  }

  /// The form of an entry; nil where it depends on a base that is not given.
  private func form(of entry: Entry) throws(AdapterError) -> WeightForm? {
    switch delta(entry) {
    case .additive(let delta):
      guard let form = WeightForm(delta) else {
        throw .combination(
          .noFactors(adapter(entry).path, entry.update.target, adapter(entry).method))
      }
      return form
    case .effective(let change): return change.form
    case nil: return nil
    }
  }

  /// One adapter has one `fan_in_fan_out` for all its linear layers.
  private func checkFanInFanOut() throws(AdapterError) {
    let linear = weights.filter {
      !$0.form.isVector && $0.form.layout == .product && $0.form.extents.count == 2
    }
    guard let turned = linear.first(where: \.form.isFanInFanOut),
      let plain = linear.first(where: { !$0.form.isFanInFanOut })
    else { return }
    throw .combination(.mixedFanInFanOut(turned.target, plain.target))
  }

  private mutating func addNotes() {
    for (place, count) in missing.enumerated() where count > 0 {
      notes.append(
        "\(members[place].adapter.path) has no update of \(count) of the \(weights.count) weights, "
          + "which counts as zero.")
    }
    let lone = carried.filter { update in
      !members.allSatisfy { $0.adapter.updates.contains { $0.target == update.target } }
    }
    if let first = lone.first {
      notes.append(
        "\(first.target)\(lone.count > 1 ? " and \(lone.count - 1) more are" : " is") kept whole as "
          + "the adapters that bring \(lone.count > 1 ? "them" : "it") have "
          + "\(lone.count > 1 ? "them" : "it").")
    }
  }

  private mutating func addEffectNotes() throws(AdapterError) {
    let dependent = weights.filter(\.dependsOnBase)
    guard !dependent.isEmpty else { return }
    guard options.method != .cat else {
      throw .combination(
        .badOptions(
          "cat keeps every rank, and what \(dependent[0].target) becomes of the base has all: svd "
            + "truncates."))
    }
    notes.append(
      "\(dependent.count) of the \(weights.count) weights are combined as what the adapters make of "
        + "the base, which has no low rank: the result is truncated, and right for that base alone."
    )
  }

  private func adapter(_ entry: Entry) -> Adapter { member(entry).adapter }

  private func member(_ entry: Entry) -> CombineMember {
    if let place = entry.member { return members[place] }
    guard let ancestor else { preconditionFailure("an entry of nobody is the ancestor's") }
    return ancestor
  }

  /// Whether two updates are the same in every bit and every setting.
  private func isSame(_ one: Entry, _ other: Entry) -> Bool {
    let (a, b) = (one.update, other.update)
    if case .rows(let rows, _) = a.change, case .rows(let others, _) = b.change, rows != others {
      return false
    }
    return Inspection.Row(a) == Inspection.Row(b) && a.tensors.count == b.tensors.count
      && zip(a.tensors, b.tensors).allSatisfy { member(one).hasSame($0, as: member(other), $1) }
  }
}
