/// Which weights a list of spectra has, and in which order.
struct SpectrumSelection {
  let figure: SpectrumFigure
  /// How many are listed; nil for all.
  let limit: Int?
  /// Whether every weight is listed also without being asked for more words.
  let listsAll: Bool

  /// The rows to list.
  func rows<Row: SpectrumRow>(of all: [Row]) -> [Row] {
    Array(figure.sorted(all).prefix(limit ?? .max))
  }

  /// `… and 18 more`; empty where all are listed.
  func rest(of all: [some SpectrumRow]) -> [String] {
    let hidden = all.count - min(all.count, limit ?? .max)
    return hidden > 0 ? ["  … and \(hidden) more"] : []
  }
}

/// Spectra as they are shown: as text, JSON or comma-separated values.
protocol SpectraOutput: CommandOutput {
  /// A head and one line a weight.
  var csvLines: [String] { get }
}
