public import Files
public import Tensors

/// A fine-tuned model beside the base it started from: which tensors stand for which, before a weight
/// is read.
public struct FineTune: Sendable {
  /// The fine-tuned model.
  public let tuned: Checkpoint
  /// The base.
  public let base: Checkpoint
  /// What the user calls the fine-tuned model, where its files stand elsewhere.
  public let name: Path
  /// The tensors that both have, of one shape, or of more or fewer rows; sorted by name.
  public let pairs: [TunedTensor]
  /// The tensors that the fine-tuned model alone has.
  public let added: [TensorName]
  /// The tensors that the base alone has.
  public let removed: [TensorName]

  /// Puts two models side by side. Throws `notTheBase` where they cannot be one the base of the
  /// other: no tensor has its counterpart, most have none, or one has another shape by more than rows;
  /// and `incompleteBase` where most of the fine-tuned model has no counterpart. `name` is what the
  /// user knows the fine-tuned model by, if not by its path.
  public init(
    tuned: Checkpoint, base: Checkpoint, named name: Path? = nil
  ) throws(AdapterError) {
    let name = name ?? tuned.path
    for (model, path) in [(tuned, name), (base, base.path)] {
      if let quantisation = model.quantisation {
        throw .unsupported(
          path, what: "a model quantised by \(quantisation)",
          advice: "Compare the 16-bit models: a quantised weight is not the one that was trained.")
      }
    }
    self.tuned = tuned
    self.base = base
    self.name = name
    var pairs: [TunedTensor] = []
    var misshapen: [TensorName] = []
    for name in base.names {
      guard let old = base[name], let new = tuned[name] else { continue }
      let pair = TunedTensor(
        base: StoredTensor(old.info, in: base.shards[old.shard]),
        tuned: StoredTensor(new.info, in: tuned.shards[new.shard]),
        role: TensorRole(of: old.info, in: base))
      if pair.isResized, !pair.hasRowsOfOneLength {
        misshapen.append(name)
      } else {
        pairs.append(pair)
      }
    }
    let removed = base.names.filter { tuned[$0] == nil }
    guard misshapen.isEmpty, pairs.count * 2 > base.tensorCount else {
      throw .notTheBase(
        tuned: name, base: base.path, missing: removed, misshapen: misshapen)
    }
    self.pairs = pairs
    self.removed = removed
    added = tuned.names.filter { base[$0] == nil }
    guard pairs.count * 2 > tuned.tensorCount else {
      throw .incompleteBase(base.path, tuned: name, missing: added)
    }
  }

  /// The bytes of both sides of all pairs.
  public var byteCount: Int {
    pairs.reduce(0) { $0 + $1.base.info.byteCount + $1.tuned.info.byteCount }
  }
}
