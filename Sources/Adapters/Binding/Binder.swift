internal import Tensors

/// Binds one update after the other and remembers what the earlier ones did.
struct Binder {
  private let adapter: Adapter
  private let base: Checkpoint
  private var names: NameMap
  private var unmatched: [WeightUpdate] = []
  /// What changes a tensor already: the update, and the shape the tensor has after it.
  private var taken: [TensorName: (update: WeightUpdate, shape: Shape)] = [:]

  /// The updates bound so far.
  private(set) var bindings: [Binding] = []
  private var remarks: [String] = []
  /// The targets found by the ends of their names.
  private var alike: [(target: TargetParameter, tensor: TensorName)] = []
  /// The first update whose shape does not fit.
  private(set) var misfit: AdapterError?

  init(adapter: Adapter, base: Checkpoint) {
    self.adapter = adapter
    self.base = base
    names = NameMap(base)
  }

  /// The targets that were not found, with near misses for the first of them.
  mutating func unmatchedTargets() -> [UnmatchedTarget] {
    if unmatched.isEmpty { return [] }
    var nearMisses = NearMisses(base)
    return unmatched.enumerated().map { index, update in
      UnmatchedTarget(
        update.target,
        nearMisses: index < NearMisses.targetLimit ? nearMisses.nearest(to: update) : []
      )
    }
  }

  /// Things a user should know.
  var notes: [String] {
    guard let first = alike.first else { return remarks }
    return remarks + [
      "\(alike.count) targets were found by the ends of their names and their shapes: "
        + "\(first.target) is \(first.tensor) in the base."
    ]
  }

  /// Binds an update; throws where it contradicts the base or another update.
  mutating func bind(_ update: WeightUpdate) throws(AdapterError) {
    switch names.find(update) {
    case .tensor(let place):
      try bind(update, to: place, as: place.info.name, kind: .existing)
    case .alike(let place):
      alike.append((update.target, place.info.name))
      try bind(update, to: place, as: place.info.name, kind: .existing)
    case .tiedHead(let head, let embedding):
      try bind(update, to: embedding, as: head, kind: .tiedHead(embedding: embedding.info.name))
    case .nothing where update.isOptional: return
    case .ambiguous(let names):
      throw .inconsistent(
        adapter.path,
        rule: "changes \(update.target), which may be "
          + names.prefix(4).map(\.text).joined(separator: " or ") + " of the base")
    case .nothing:
      if let name = names.newName(of: update, wholeModules: adapter.wholeModules) {
        try take(name, update, shape: nil)
        bindings.append(Binding(update: update, tensor: name, kind: .new))
        remarks.append("The base has no \(name); the adapter brings it.")
      } else {
        unmatched.append(update)
      }
    }
  }

  private mutating func bind(
    _ update: WeightUpdate,
    to place: Checkpoint.Place,
    as name: TensorName,
    kind: Binding.Kind
  ) throws(AdapterError) {
    let shape = taken[name]?.shape ?? place.info.shape
    try requireFloats(update, place.info)
    switch update.fit(to: shape) {
    case .fits(let isTransposed):
      try take(name, update, shape: shape)
      bindings.append(
        Binding(update: update, tensor: name, kind: kind, isTransposed: isTransposed)
      )
    case .resizes(let rows):
      guard update.target.isResizable(adapter.wholeModules) else { fallthrough }
      try take(name, update, shape: update.wholeShape ?? shape)
      remarks.append(
        "\(name) gets \(rows) rows from the adapter, where the base has "
          + "\(shape.extents.first ?? 0); the model's configuration must follow."
      )
      bindings.append(Binding(update: update, tensor: name, kind: kind))
    case .misfits:
      misfit =
        misfit
        ?? .shapeMismatch(
          adapter: adapter.path,
          target: update.target,
          base: name,
          baseShape: shape,
          deltaShape: update.naturalShape
        )
    case .hasRowsBeyond(let row):
      throw .inconsistent(
        adapter.path,
        rule: "replaces row \(row) of \(update.target), but \(name) of the base has shape \(shape)"
      )
    }
  }

  /// Notes that an update changes a tensor; throws where another one does, unless that one gave the
  /// tensor whole and this one adds to it.
  private mutating func take(
    _ name: TensorName,
    _ update: WeightUpdate,
    shape: Shape?
  ) throws(AdapterError) {
    let shape = shape ?? update.naturalShape
    guard let earlier = taken.updateValue((update, shape), forKey: name)?.update else { return }
    guard earlier.isWhole, !update.isWhole, earlier.target == update.target else {
      throw .inconsistent(
        adapter.path,
        rule: "changes \(name) of the base twice, through \(earlier.target) and \(update.target)"
      )
    }
  }

  private func requireFloats(_ update: WeightUpdate, _ info: TensorInfo) throws(AdapterError) {
    if [.f32, .f16, .bf16, .f64].contains(info.dtype) {
      guard
        let odd = update.tensors.first(where: { ![.f32, .f16, .bf16, .f64].contains($0.dtype) })
      else { return }
      throw .inconsistent(
        adapter.path,
        rule: "has \(odd.name) of type \(odd.dtype.rawValue) for \(info.name), which is "
          + info.dtype.rawValue
      )
    }
    if update.isWhole, update.tensors.allSatisfy({ $0.dtype == info.dtype }) { return }
    throw .unsupported(
      base.path,
      what: "a base whose \(info.name) is stored as \(info.dtype.rawValue)",
      advice: "Name the full-precision weights that it was made from as the base."
    )
  }
}

extension TargetParameter {
  /// Whether a replacement may have other rows than the base: a vocabulary or a head's classes.
  fileprivate func isResizable(_ wholeModules: [String]) -> Bool {
    let kinds = ["embed_tokens", "lm_head", "wte", "word_embeddings", "embed_in", "embed_out"]
    return kinds.contains(module.kind) || wholeModules.contains(where: module.isInside)
  }
}
