internal import Compute

/// How a comparison is shown.
struct DiffStyle {
  /// The norm of the tables.
  let norm: MatrixNorm
  /// Whether norms are shown as shares of the old one.
  let isRelative: Bool
  /// The share of the old norm up to which weights count as equal; nil where every bit counts.
  let tolerance: Double?
  let order: DifferenceOrder
  /// How many rows are listed; nil for all.
  let limit: Int?
  /// Whether every weight is listed also without being asked for more words.
  let listsAll: Bool
}

extension MatrixNorm {
  /// The norm of something, such as `‖Δ‖₂`.
  func symbol(of name: String) -> String {
    switch self {
    case .spectral: "‖\(name)‖₂"
    case .frobenius: "‖\(name)‖F"
    case .nuclear: "‖\(name)‖*"
    case .max: "max|\(name)|"
    }
  }
}
