internal import Compute
internal import Tensors

/// The updates of one parameter by two adapters, before they are measured.
struct UpdatePair: Sendable {
  let target: TargetParameter
  let old: WeightUpdate?
  let new: WeightUpdate?

  /// The bytes of both.
  var byteCount: Int {
    ((old?.tensors ?? []) + (new?.tensors ?? [])).reduce(0) { $0 + $1.info.byteCount }
  }

  /// The updates of two adapters side by side, by target. One that may have two of a target, a
  /// replacement and a delta, is matched with its like first.
  static func pairs(_ old: [WeightUpdate], _ new: [WeightUpdate]) -> [UpdatePair] {
    let before = Dictionary(grouping: old, by: \.target)
    let after = Dictionary(grouping: new, by: \.target)
    var pairs: [UpdatePair] = []
    for target in Set(before.keys).union(after.keys).sorted() {
      var left = before[target] ?? []
      var right = after[target] ?? []
      for update in left {
        guard let match = right.firstIndex(where: { $0.kind == update.kind }) else { continue }
        pairs.append(UpdatePair(target: target, old: update, new: right.remove(at: match)))
        left.removeAll { $0.kind == update.kind }
      }
      for place in 0..<max(left.count, right.count) {
        pairs.append(
          UpdatePair(
            target: target, old: place < left.count ? left[place] : nil,
            new: place < right.count ? right[place] : nil))
      }
    }
    return pairs
  }

  /// Measures the two.
  func difference(
    _ wanted: DifferenceMeasures, _ execution: Execution
  ) throws(AdapterError) -> UpdateDifference {
    var (coverage, measures) = try measured(wanted, execution)
    let isIdentical = try isIdentical(execution)
    if isIdentical { measures = measures?.withoutDistance }
    var magnitudes: DifferenceNorms?
    if case .magnitude(_, let old) = old?.change, case .magnitude(_, let new) = new?.change,
      old.shape.elementCount == new.shape.elementCount
    {
      magnitudes = try Self.norms(old, new, execution: execution)
    }
    return UpdateDifference(
      target: target, old: old.map(Inspection.Row.init), new: new.map(Inspection.Row.init),
      coverage: coverage, measures: measures, magnitudes: magnitudes,
      isIdentical: isIdentical)
  }

  private func measured(
    _ wanted: DifferenceMeasures, _ execution: Execution
  ) throws(AdapterError) -> (UpdateDifference.Coverage, PairMeasures?) {
    guard let old, let new else {
      return (.oneSide, try ownMeasures(wanted, execution))
    }
    func pair(_ norms: DifferenceNorms?) -> PairMeasures? {
      norms.map { PairMeasures(frobenius: $0, isPair: true) }
    }
    switch (old.change, new.change) {
    case (.replacement(let old), .replacement(let new)) where old.shape == new.shape:
      return (.whole, try dense((old, 1), (new, 1), wanted, execution))
    case (.rows(let oldRows, let old), .rows(let newRows, let new))
    where old.shape.matrix.columns == new.shape.matrix.columns:
      return (
        oldRows == newRows ? .whole : .commonRows,
        pair(try RowPair(old: (oldRows, old), new: (newRows, new)).norms(execution))
      )
    case (.delta(.stored(let old, let oldFactor)), .delta(.stored(let new, let newFactor)))
    where old.shape == new.shape:
      return (
        .whole, try dense((old, oldFactor), (new, newFactor), wanted, execution)
      )
    default: break
    }
    guard let before = old.factors, let after = new.factors,
      before.deltaExtents == after.deltaExtents
    else { return (.none, nil) }
    return (
      old.hasMagnitudes || new.hasMagnitudes ? .lowRankPart : .whole,
      try Self.measures(
        from: try before.loaded(execution.form), to: try after.loaded(execution.form), wanted,
        of: target)
    )
  }

  /// What the one update that there is measures against nothing.
  private func ownMeasures(
    _ wanted: DifferenceMeasures, _ execution: Execution
  ) throws(AdapterError) -> PairMeasures? {
    guard let update = old ?? new else { return nil }
    if let factors = update.factors {
      let loaded = try factors.loaded(execution.form)
      return try Self.measures(
        from: old == nil ? nil : loaded, to: new == nil ? nil : loaded, wanted, of: target)
    }
    guard let tensor = update.tensors.first else { return nil }
    var factor = 1.0
    if case .delta(.stored(_, let own)) = update.change { factor = own }
    return try dense(
      old == nil ? nil : (tensor, factor), new == nil ? nil : (tensor, factor), wanted, execution)
  }

  /// Stored tensors of one shape, each times its factor: by a pass over the files where that tells
  /// what is wanted, else as matrices in memory.
  private func dense(
    _ old: (tensor: StoredTensor, factor: Double)?, _ new: (tensor: StoredTensor, factor: Double)?,
    _ wanted: DifferenceMeasures, _ execution: Execution
  ) throws(AdapterError) -> PairMeasures? {
    guard let some = old ?? new else { return nil }
    let (before, after) = (old ?? (some.tensor, 0), new ?? (some.tensor, 0))
    let norms = try Self.norms(
      before.tensor, after.tensor, factors: (before.factor, after.factor), execution: execution)
    guard let norms else { return nil }
    guard !wanted.norms.isEmpty, norms.isFinite else {
      return PairMeasures(frobenius: norms, isPair: old != nil && new != nil)
    }
    func matrix(_ side: (tensor: StoredTensor, factor: Double)?) throws(AdapterError) -> Matrix? {
      guard let side else { return nil }
      var matrix = try side.tensor.wholeMatrix(form: execution.form)
      matrix.scale(by: Float(side.factor))
      return matrix
    }
    let (earlier, later) = (try matrix(old), try matrix(new))
    do {
      return try PairMeasures(
        denseFrom: earlier, to: later, measures: wanted, name: target.description)
    } catch { throw .notMeasured(target, error) }
  }

  private static func measures(
    from old: ScaledFactors?, to new: ScaledFactors?, _ wanted: DifferenceMeasures,
    of target: TargetParameter
  ) throws(AdapterError) -> PairMeasures {
    do { return try PairMeasures(from: old, to: new, measures: wanted) } catch {
      throw .notMeasured(target, error)
    }
  }

  static func norms(
    _ old: StoredTensor, _ new: StoredTensor, factors: (old: Double, new: Double) = (1, 1),
    execution: Execution
  ) throws(AdapterError) -> DifferenceNorms? {
    try TensorPair(old: old, new: new).finding(factors: factors, execution: execution).sums.map {
      DifferenceNorms($0, count: old.shape.elementCount)
    }
  }

  private func isIdentical(_ execution: Execution) throws(AdapterError) -> Bool {
    guard let old, let new, Inspection.Row(old) == Inspection.Row(new) else { return false }
    if case .rows(let before, _) = old.change, case .rows(let after, _) = new.change,
      before != after
    {
      return false
    }
    guard old.tensors.map(\.shape) == new.tensors.map(\.shape) else { return false }
    for (before, after) in zip(old.tensors, new.tensors) {
      let pair = TensorPair(old: before, new: after)
      guard try pair.finding(execution: execution).isIdentical else { return false }
    }
    return true
  }
}

extension WeightUpdate {
  /// The factors, of a plain or a magnitude update.
  var factors: LowRank? {
    delta?.exactFactors
  }

  var hasMagnitudes: Bool {
    if case .magnitude = change { return true }
    return false
  }
}

extension LowRank {
  /// The extents of the update as a matrix. How the base stores the weight takes no part: that is
  /// the same for both adapters of one base.
  var deltaExtents: [Int] {
    let product = productExtents
    return layout == .product
      ? [product.rows, product.columns] : [product.columns, product.rows]
  }

  /// The factors in memory, as a merge takes them, NaN and infinities included.
  func loaded(_ form: KernelForm) throws(AdapterError) -> ScaledFactors {
    let a = try a.matrix(form: form, allowingNonFinite: true)
    let b = try b.matrix(form: form, allowingNonFinite: true)
    return layout == .product
      ? ScaledFactors(left: b, right: a, scaling: scaling.factor)
      : ScaledFactors(left: a.transposed, right: b.transposed, scaling: scaling.factor)
  }
}
