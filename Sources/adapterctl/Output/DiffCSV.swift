internal import Adapters
internal import Compute
internal import Tensors

/// A comparison as comma-separated values, one line a weight or tensor (RFC 4180).
struct DiffCSV {
  let comparison: Comparison
  let style: DiffStyle

  var lines: [String] {
    if let adapters = comparison.adapters {
      let rows = style.order.sorted(adapters.updates) { style.order.key($0, style.norm) }
      return [Self.updateHeader.joined(separator: ",")]
        + rows.prefix(style.limit ?? .max).map(line)
    }
    let rows = DiffTensors(difference: comparison.tensors, style: style)
      .ordered(comparison.tensors.tensors)
    return [Self.tensorHeader.joined(separator: ",")] + rows.prefix(style.limit ?? .max).map(line)
  }

  private static let updateHeader = [
    "module", "parameter", "state", "coverage", "old_change", "new_change", "old_rank", "new_rank",
    "old_scaling", "new_scaling", "norm", "old", "new", "distance", "relative", "error_bound",
    "cosine", "frobenius_old", "frobenius_new", "frobenius_distance", "overlap_left",
    "overlap_right", "base_norm", "relative_to_base",
  ]

  private static let tensorHeader = [
    "tensor", "state", "old_dtype", "new_dtype", "norm", "old", "new", "distance", "relative",
    "error_bound", "frobenius_old", "frobenius_new", "frobenius_distance",
  ]

  private func line(_ row: UpdateDifference) -> String {
    let norms = row.norms(style.norm)
    let angles = row.measures?.angles
    var cells: [String] = [
      row.target.module.path, row.target.parameter, row.state, row.coverage.rawValue,
      row.old?.kind ?? "", row.new?.kind ?? "", row.old?.rank.map(String.init) ?? "",
      row.new?.rank.map(String.init) ?? "", CSV.number(row.old?.scaling),
      CSV.number(row.new?.scaling), style.norm.rawValue,
    ]
    let numbers: [Double?] = [
      norms?.old, norms?.new, norms?.distance, row.relative(style.norm), norms?.errorBound,
      row.measures?.cosine, row.norms?.old, row.norms?.new, row.norms?.distance,
      angles?.left.overlap, angles?.right.overlap, row.baseNorms?[style.norm],
      row.relativeToBase(style.norm),
    ]
    cells += numbers.map(CSV.number)
    return CSV.line(cells)
  }

  private func line(_ row: TensorChange) -> String {
    let norms = row.measures[style.norm]
    let cells: [String] = [
      row.name.text, row.state, row.old?.dtype.rawValue ?? "", row.new?.dtype.rawValue ?? "",
      style.norm.rawValue,
    ]
    let numbers: [Double?] = [
      norms?.old, norms?.new, norms?.distance, norms?.relative, norms?.errorBound,
      row.norms?.old, row.norms?.new, row.norms?.distance,
    ]
    return CSV.line(cells + numbers.map(CSV.number))
  }
}
