internal import Adapters

/// The drawings of an adapter's spectra.
struct SpectrumPlot {
  let name: String
  let inspection: SpectrumInspection

  /// Every change's singular values, one colour for each kind of module.
  var spectra: String {
    LinePlot(
      title: "Singular values of \(name)", xLabel: "i", yLabel: "σᵢ of the scaled change",
      series: inspection.rows.map { row in
        LinePlot.Series(
          name: row.target.kind,
          points: row.spectrum.values.prefix(max(row.usedRank, 1)).enumerated().map {
            (x: Double($0.offset + 1), y: $0.element)
          })
      }
    ).svg
  }

  /// One figure of every change, by layer and module.
  func heatMap(of figure: SpectrumOrder) -> String {
    let grid = LayerGrid(
      inspection.rows.map { ($0.target.module, figure.value(of: $0)) })
    return HeatMap(
      title: "\(figure.title) of \(name)", figure: figure.title, rowLabel: "layer",
      rows: grid.rows, columns: grid.columns, values: grid.values
    ).svg
  }
}

extension SpectrumOrder {
  fileprivate var title: String {
    switch self {
    case .name: return "σ₁"
    case .spectral: return "Spectral norm"
    case .frobenius: return "Frobenius norm"
    case .stable: return "Stable rank"
    case .used: return "Rank in use"
    case .relative: return "‖Δ‖ / ‖W‖"
    }
  }
}
