internal import Files
internal import Tensors

/// Factors whose rows of heads are in Meta's order, as llama.cpp and torchtune keep those of queries
/// and keys: the base's configuration says how many heads to put right.
struct MetaRows: OpenDelta {
  /// The factors as they are stored.
  let factors: LowRank
  /// DoRA's magnitudes, in the same order; nil where there are none.
  let magnitude: StoredTensor?
  /// Whose rows they are.
  let heads: HeadRows
  /// The beginnings of the model types whose rows the layout keeps as transformers does.
  let keptTypes: [String]
  /// The adapter, for errors.
  let path: Path

  var tensors: [StoredTensor] { factors.tensors + [magnitude].compactMap { $0 } }
  var rankBound: Int? { min(factors.rank, factors.a.columns, factors.b.rows) }
  var scaling: Double { factors.scaling.factor }

  func settled(
    at target: TargetParameter, on base: BaseView
  ) throws(AdapterError) -> [WeightUpdate]? {
    if let type = base.modelType, keptTypes.contains(where: type.hasPrefix) {
      return [update(of: target, width: nil)]
    }
    guard let count = base.count(of: heads) else {
      throw .unsupported(
        base.path,
        what: "a base without the number of its heads (num_attention_heads in config.json), which "
          + "\(path) needs for the order of its rows",
        advice: "Name the base's directory, with its config.json.")
    }
    let rows = factors.b.rows
    guard case .pairsApart(let width, _)? = HeadRows.order(rows: rows, heads: count) else {
      throw .inconsistent(
        path, rule: "changes \(rows) rows of \(target), which are not \(count) heads of pairs")
    }
    return [update(of: target, width: width)]
  }

  /// The update with heads of so many rows put in transformers' order; nil leaves them as they are.
  private func update(of target: TargetParameter, width: Int?) -> WeightUpdate {
    let order = width.map { Selection.pairsApart(width: $0, count: factors.b.rows) }
    let delta = Delta.lowRank(
      LowRank(
        a: factors.a, b: order.map(factors.b.selectingRows) ?? factors.b,
        scaling: factors.scaling, placement: factors.placement))
    guard let magnitude else { return WeightUpdate(target: target, change: .delta(delta)) }
    return WeightUpdate(
      target: target,
      change: .magnitude(delta, width.map(magnitude.pairsApart) ?? magnitude))
  }
}

extension StoredTensor {
  /// A vector's elements in the order of transformers, for elements in Meta's.
  fileprivate func pairsApart(width: Int) -> StoredTensor {
    guard let shape = Shape([shape.elementCount / width, 2, width / 2]) else { return self }
    return StoredTensor(
      TensorInfo(
        name: name, dtype: dtype, shape: shape, byteOffset: info.byteOffset,
        byteCount: info.byteCount, strides: [width, 1, 2]), in: file)
  }
}
