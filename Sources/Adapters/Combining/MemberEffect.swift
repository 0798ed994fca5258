internal import Compute
internal import Tensors

/// What an adapter makes of the weights of a base, where that is no update of its own: DoRA, (IA)³,
/// OFT and BOFT.
struct MemberEffect: Sendable {
  private let side: EffectiveSide
  private let base: Checkpoint
  private let places: [TargetParameter: TensorName]

  /// Nil where every update is the same on any base. Throws where the adapter does not fit the base.
  init?(
    of adapter: Adapter, at base: Checkpoint, execution: Execution
  ) throws(AdapterError) {
    guard adapter.updates.contains(where: \.dependsOnBase) else { return nil }
    side = try EffectiveSide(adapter, at: base, execution: execution)
    self.base = base
    var places: [TargetParameter: TensorName] = [:]
    for (name, tensor) in side.tensors {
      for contribution in tensor.contributions { places[contribution.update.target] = name }
    }
    self.places = places
  }

  /// The change that an update makes of its weight; nil where the base lacks that, or where it is
  /// none that factors can have.
  func change(of update: WeightUpdate) -> EffectiveChange? {
    guard let name = places[update.target], let tensor = side.tensors[name],
      tensor.contributions.count == 1, let contribution = tensor.contributions.first,
      let source = tensor.source
    else { return nil }
    if case .magnitude(let delta, _) = update.change, let form = WeightForm(delta) {
      return EffectiveChange(
        side: side, tensor: name, form: form, isTurned: contribution.isTransposed,
        rank: delta.exactFactors?.rank)
    }
    let extents = tensor.shape.extents
    if extents.count == 1 {
      return EffectiveChange(
        side: side, tensor: name, form: WeightForm(vectorOf: extents[0]), isTurned: false, rank: 1)
    }
    switch TensorRole(of: source.info, in: base) {
    case .matrix(let isTurned):
      let form = WeightForm(
        extents: isTurned ? extents.reversed() : extents, layout: .product,
        isFanInFanOut: isTurned, isVector: false)
      return EffectiveChange(side: side, tensor: name, form: form, isTurned: isTurned, rank: nil)
    case .embedding where extents.count == 2:
      let form = WeightForm(
        extents: extents.reversed(), layout: .transposed, isFanInFanOut: false, isVector: false)
      return EffectiveChange(side: side, tensor: name, form: form, isTurned: true, rank: nil)
    default: return nil
    }
  }
}

/// W' − W of one weight of a base, by one adapter.
struct EffectiveChange: Sendable {
  fileprivate let side: EffectiveSide
  fileprivate let tensor: TensorName
  /// How it lies in the weight.
  let form: WeightForm
  /// Whether the base stores the weight transposed to the form.
  fileprivate let isTurned: Bool
  /// The rank of the part that is of low rank; nil where there is none. The change itself has any.
  let rank: Int?

  /// The change as two factors, one of which is the change itself and the other the identity.
  func factored(_ form: KernelForm) throws(AdapterError) -> FactoredDelta {
    guard let found = try side.change(of: tensor, form) else {
      return FactoredDelta(
        left: RealMatrix(rows: self.form.rows, columns: 1),
        right: RealMatrix(rows: 1, columns: self.form.columns))
    }
    let whole = Matrix(rows: self.form.rows, columns: self.form.columns, elements: found.elements)
    return FactoredDelta(formed: RealMatrix(isTurned ? found.transposed : whole))
  }
}

/// What a member of a combination does to one weight.
enum MemberDelta: Sendable {
  /// An update that is the same on any base.
  case additive(Delta)
  /// What it makes of a base.
  case effective(EffectiveChange)

  /// The rank that its adapter pays for; the smaller extent where that is none.
  var storedRank: Int {
    switch self {
    case .additive(let delta): return delta.exactFactors?.rank ?? 1
    case .effective(let change): return change.rank ?? min(change.form.rows, change.form.columns)
    }
  }

  /// The inner extent of the factors that it is computed with.
  var depth: Int {
    switch self {
    case .additive: return storedRank
    case .effective(let change): return min(change.form.rows, change.form.columns)
    }
  }

  /// The bytes that it is read from, the base's not counted.
  var byteCount: Int {
    guard case .additive(let delta) = self else { return 0 }
    return delta.tensors.reduce(0) { $0 + $1.info.byteCount }
  }

  /// Whether it depends on a base.
  var isEffective: Bool {
    if case .effective = self { return true }
    return false
  }

  /// The delta in memory; throws where a factor is unreadable or not finite.
  func factored(_ execution: Execution) throws(AdapterError) -> FactoredDelta {
    switch self {
    case .additive(let delta): return try delta.factored(execution)
    case .effective(let change): return try change.factored(execution.form)
    }
  }
}

extension WeightUpdate {
  /// Whether what it does to a weight is no update that is the same on any base.
  var dependsOnBase: Bool {
    switch change {
    case .magnitude, .gain, .rotation: return true
    case .delta, .replacement, .rows: return false
    }
  }
}
