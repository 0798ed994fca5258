internal import Tensors

/// What becomes of each module of a fine-tune, before a weight is read.
public struct ExtractionPlan: Sendable {
  /// The two models.
  public let fineTune: FineTune
  /// What was asked for.
  public let options: ExtractionOptions
  let units: [ExtractionUnit]
  /// Tensors that no adapter can bring: it is checked that they did not change.
  let fixed: [TunedTensor]

  /// Plans an extraction. Throws `notTheBase` where the base has tensors that the fine-tune dropped, and where a rank is
  /// asked for that no matrix has.
  public init(_ fineTune: FineTune, options: ExtractionOptions) throws(AdapterError) {
    self.fineTune = fineTune
    self.options = options
    let gone = fineTune.removed.filter { name in
      options.filter.admits(name) && !Self.isBuffer(name)
        && name != fineTune.base.repeatedHead?.head
    }
    guard gone.isEmpty else {
      throw .notTheBase(
        tuned: fineTune.name, base: fineTune.base.path, missing: gone, misshapen: [])
    }
    let admitted = fineTune.pairs.filter { options.filter.admits($0.name) }
    guard !admitted.isEmpty || fineTune.added.contains(where: options.filter.admits) else {
      throw .nothingAdmitted(fineTune.name)
    }
    func isFixed(_ pair: TunedTensor) -> Bool {
      pair.role == .stacked || pair.role == .loose || !pair.base.dtype.isFloating
    }
    fixed = admitted.filter(isFixed)
    var modules: [TargetModule: [TunedTensor]] = [:]
    for pair in admitted where !isFixed(pair) {
      modules[pair.target.module, default: []].append(pair)
    }
    var added: [TargetModule: [StoredTensor]] = [:]
    for name in fineTune.added where options.filter.admits(name) && !Self.isBuffer(name) {
      guard let place = fineTune.tuned[name] else { continue }
      added[TunedTensor.target(of: name).module, default: []].append(
        StoredTensor(place.info, in: fineTune.tuned.shards[place.shard]))
    }
    units = Set(modules.keys).union(added.keys).sorted().map { module in
      ExtractionUnit(
        module: module, pairs: modules[module] ?? [], added: added[module] ?? [],
        options)
    }
    try checkRank()
  }

  /// Throws where a rank is asked for that no matrix can have.
  private func checkRank() throws(AdapterError) {
    guard case .exactly(let rank) = options.selection.rule else { return }
    let bounds = units.compactMap(\.matrix?.pair.base.shape.matrix).map { min($0.rows, $0.columns) }
    guard let highest = bounds.max(), rank > highest else { return }
    throw .rankTooHigh(fineTune.name, wanted: rank, highest: highest)
  }

  /// Whether a tensor is what a module computes for itself and checkpoints may leave out.
  private static func isBuffer(_ name: TensorName) -> Bool {
    ["inv_freq", "masked_bias", "position_ids", "attn.bias"].contains {
      name.text.hasSuffix("." + $0) || name.text == $0
    }
  }
}

extension DType {
  /// Whether tensors of this type are weights that training changes.
  var isFloating: Bool { [.bf16, .f16, .f32, .f64].contains(self) }
}

/// The tensors of one module, which share a treatment.
struct ExtractionUnit: Sendable {
  let module: TargetModule
  /// The weight that becomes two factors; nil where the module is brought whole or not at all.
  let matrix: (pair: TunedTensor, isTurned: Bool)?
  /// The other tensors that both models have.
  let others: [TunedTensor]
  /// The tensors that the fine-tuned model alone has.
  let added: [StoredTensor]

  init(
    module: TargetModule, pairs: [TunedTensor], added: [StoredTensor],
    _ options: ExtractionOptions
  ) {
    self.module = module
    self.added = added
    var matrix: (TunedTensor, Bool)?
    for pair in pairs {
      guard case .matrix(let isTurned) = pair.role, !pair.isResized, added.isEmpty,
        !options.isWhole(pair.name)
      else { continue }
      matrix = (pair, isTurned)
    }
    self.matrix = matrix
    others = pairs.filter { $0.name != matrix?.0.name }
  }

  /// The bytes that are read for it.
  var byteCount: Int {
    (others + [matrix?.pair].compactMap { $0 }).reduce(0) {
      $0 + $1.base.info.byteCount + $1.tuned.info.byteCount
    }
  }
}

extension TunedTensor {
  /// Whether every bit is the same on both sides.
  func isUnchanged(_ execution: Execution) throws(AdapterError) -> Bool {
    guard !isResized, base.dtype == tuned.dtype else { return false }
    let pair = TensorPair(old: base, new: tuned)
    for piece in 0..<pair.count {
      try execution.interruption.check()
      guard
        try base.bytes(ofPiece: piece, of: pair.count)
          == tuned.bytes(ofPiece: piece, of: pair.count)
      else { return false }
    }
    return true
  }
}
