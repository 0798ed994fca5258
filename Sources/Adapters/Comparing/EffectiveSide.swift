internal import Compute
internal import Tensors

/// What one side of a comparison makes of the tensors of a base: an adapter of any method, bound to it,
/// or a model beside it.
struct EffectiveSide: Sendable {
  /// The tensors that may change, each with what is done to it.
  let tensors: [TensorName: PlannedTensor]
  /// DoRA's factors, by tensor.
  private let magnitudes: [TensorName: [MagnitudeFactors?]]
  private let base: Checkpoint
  private let options = MergeOptions()

  /// Binds a side to a base. Reads headers, and the weights that DoRA's norms are of.
  init(_ side: ComparedSide, at base: Checkpoint, execution: Execution) throws(AdapterError) {
    if let adapter = side.adapter {
      try self.init(adapter, at: base, execution: execution)
    } else {
      self.init(try Self.replacements(side, at: base), [:], of: base)
    }
  }

  /// Binds an adapter to a base. Reads headers, and the weights that DoRA's norms are of.
  init(_ adapter: Adapter, at base: Checkpoint, execution: Execution) throws(AdapterError) {
    let plan = try MergePlan(
      base: base, adapters: [WeightedAdapter(adapter)], options: MergeOptions())
    let touched = plan.touched
    let measured = try MergeRun.measureMagnitudes(touched, plan: plan, execution: execution)
    self.init(
      Dictionary(uniqueKeysWithValues: touched.map { ($0.name, $0) }),
      Dictionary(uniqueKeysWithValues: measured.map { (touched[$0.key].name, $0.value) }), of: base)
  }

  private init(
    _ tensors: [TensorName: PlannedTensor], _ magnitudes: [TensorName: [MagnitudeFactors?]],
    of base: Checkpoint
  ) {
    self.tensors = tensors
    self.magnitudes = magnitudes
    self.base = base
  }

  /// A model's tensors as replacements of the base's.
  private static func replacements(
    _ side: ComparedSide, at base: Checkpoint
  ) throws(AdapterError) -> [TensorName: PlannedTensor] {
    guard side.noun == "a full model" else {
      throw .unsupported(
        side.path, what: side.noun,
        advice: "Without --base it is compared tensor by tensor.")
    }
    var tensors: [TensorName: PlannedTensor] = [:]
    for file in side.files {
      for info in file.tensors where info.dtype.isComputed {
        let target = TargetParameter(info.name)
        guard let place = base[info.name] else {
          throw .unmatched(
            adapter: side.path, base: base.path, [UnmatchedTarget(target, nearMisses: [])])
        }
        guard place.info.shape == info.shape else {
          throw .shapeMismatch(
            adapter: side.path, target: target, base: info.name, baseShape: place.info.shape,
            deltaShape: info.shape)
        }
        let update = WeightUpdate(
          target: target, change: .replacement(StoredTensor(info, in: file)))
        tensors[info.name] = PlannedTensor(
          name: info.name, source: place, isNew: false, dtype: place.info.dtype,
          shape: info.shape,
          contributions: [.init(adapter: 0, weight: 1, update: update, isTransposed: false)])
      }
    }
    return tensors
  }

  /// The update of a tensor as tables show it; nil where the side leaves it alone.
  func row(of name: TensorName) -> Inspection.Row? {
    tensors[name]?.contributions.first.map { Inspection.Row($0.update) }
  }

  /// The bytes of a replaced tensor beside the base's; nil for any other change.
  func replacement(of name: TensorName) -> TensorPair? {
    guard let tensor = tensors[name], let source = tensor.source, tensor.contributions.count == 1,
      case .replacement(let stored) = tensor.contributions[0].update.change,
      stored.shape == source.info.shape
    else { return nil }
    return TensorPair(old: StoredTensor(source.info, in: base.shards[source.shard]), new: stored)
  }

  /// Two factors of the whole change, as the base's tensor lies; nil where there are none, or so many
  /// ranks that the change itself is smaller.
  func factors(of name: TensorName, _ form: KernelForm) throws(AdapterError) -> ScaledFactors? {
    guard let tensor = tensors[name], tensor.contributions.count == 1,
      let contribution = tensor.contributions.first,
      case .delta(let delta) = contribution.update.change, let factors = delta.exactFactors
    else { return nil }
    let (rows, columns) = factors.productExtents
    guard factors.rank * (rows + columns) <= rows * columns else { return nil }
    let a = try factors.a.matrix(form: form)
    let b = try factors.b.matrix(form: form)
    return contribution.isTransposed
      ? ScaledFactors(left: a.transposed, right: b.transposed, scaling: factors.scaling.factor)
      : ScaledFactors(left: b, right: a, scaling: factors.scaling.factor)
  }

  /// The whole change W' − W before it is rounded to the base's type, `[rows, columns]`; nil where the
  /// side leaves the tensor alone.
  func change(of name: TensorName, _ form: KernelForm) throws(AdapterError) -> Matrix? {
    guard let tensor = tensors[name] else { return nil }
    let update = try TensorUpdate(
      tensor,
      magnitudes: magnitudes[name] ?? Array(repeating: nil, count: tensor.contributions.count),
      options: options, form: form)
    let (rows, columns) = tensor.matrix
    var change = Matrix(
      rows: rows, columns: columns, elements: [Float](repeating: 0, count: rows * columns))
    if case .delta(let delta) = update.addition { change.add(delta) }
    guard update.gains != nil || update.substitutes || update.rotation != nil,
      let source = tensor.source
    else { return change }
    let weight = try StoredTensor(source.info, in: base.shards[source.shard]).floats(form: form)
    if let rotation = update.rotation {
      let mapped = rotation.applied(
        to: Matrix(rows: rows, columns: columns, elements: weight), firstRow: 0)
      for index in weight.indices {
        change.elements[index] = mapped.elements[index] - weight[index]
      }
      return change
    }
    change.add(update.gains, of: weight)
    if let stored = update.replacement {
      let values = try stored.floats(form: form)
      for index in values.indices {
        change.elements[index] += values[index] - (index < weight.count ? weight[index] : 0)
      }
    }
    if let (places, stored) = update.rows {
      let values = try stored.floats(form: form)
      for (row, place) in places {
        for column in 0..<columns {
          let index = row * columns + column
          change.elements[index] =
            values[place * columns + column] - (index < weight.count ? weight[index] : 0)
        }
      }
    }
    return change
  }
}

extension Matrix {
  /// Adds a delta of the same extents, a rectangle at a time.
  fileprivate mutating func add(_ delta: LoadedDelta) {
    var (tile, spare): ([Float], [Float]) = ([], [])
    for start in stride(from: 0, to: columns, by: delta.columnsPerBlock) {
      let range = start..<Swift.min(columns, start + delta.columnsPerBlock)
      let height = Swift.max(1, TensorUpdate.rectangleElementCount / range.count)
      for top in stride(from: 0, to: rows, by: height) {
        let wanted = top..<Swift.min(rows, top + height)
        let count = wanted.count * range.count
        if tile.count < count { tile = [Float](repeating: 0, count: count) }
        delta.write(rows: wanted, columns: range, into: &tile, spare: &spare)
        for row in wanted {
          for (place, column) in range.enumerated() {
            elements[row * columns + column] += tile[(row - top) * range.count + place]
          }
        }
      }
    }
  }

  /// Adds (g − 1)·W for the gains g of W's rows or columns.
  fileprivate mutating func add(_ gains: TensorUpdate.Gains?, of weight: [Float]) {
    guard let gains else { return }
    for row in 0..<rows {
      for column in 0..<columns {
        let gain = gains.factors[gains.isPerColumn ? column : row]
        elements[row * columns + column] += (gain - 1) * weight[row * columns + column]
      }
    }
  }
}
