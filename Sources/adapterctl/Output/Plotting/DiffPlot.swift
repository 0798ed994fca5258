internal import Adapters
internal import Compute
internal import Files

/// The heat map of a comparison: one figure of every weight, by layer and module.
struct DiffPlot {
  let comparison: Comparison
  let norm: MatrixNorm
  let figure: DifferenceOrder

  /// The drawing; nil where no weight has the figure.
  var svg: String? {
    let values: [(target: TargetModule, value: Double?)]
    if let adapters = comparison.adapters {
      values = adapters.updates.map { ($0.target.module, figure.value(of: $0, norm)) }
    } else {
      values = comparison.tensors.tensors.map {
        (TargetParameter($0.name).module, figure.value(of: $0, norm))
      }
    }
    guard values.contains(where: { $0.value?.isFinite ?? false }) else { return nil }
    let grid = LayerGrid(values.sorted { $0.target < $1.target })
    let (old, new) = (comparison.old.path.name, comparison.new.path.name)
    return HeatMap(
      title: "\(figure.title(norm)): \(old) → \(new)", figure: figure.title(norm),
      rowLabel: "layer", rows: grid.rows, columns: grid.columns, values: grid.values
    ).svg
  }
}

extension DifferenceOrder {
  /// The figure of an update; nil where it has none.
  func value(of update: UpdateDifference, _ norm: MatrixNorm) -> Double? {
    self == .cosine
      ? update.measures?.cosine
      : key(update.norms(norm), isOneSided: update.coverage == .oneSide)
  }

  /// The figure of a tensor; nil where it has none.
  func value(of tensor: TensorChange, _ norm: MatrixNorm) -> Double? {
    // What stayed as it was is not measured again.
    if tensor.isIdentical, self == .distance || self == .relative { return 0 }
    return key(tensor.measures[norm], isOneSided: false)
  }

  /// What a drawing calls it.
  func title(_ norm: MatrixNorm) -> String {
    switch self {
    case .name: "Name"
    case .relative: norm.symbol(of: "new − old") + " / " + norm.symbol(of: "old")
    case .distance: norm.symbol(of: "new − old")
    case .old: norm.symbol(of: "old")
    case .new: norm.symbol(of: "new")
    case .cosine: "Cosine of old and new"
    }
  }
}
