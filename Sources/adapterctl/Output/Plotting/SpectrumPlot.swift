internal import Adapters

/// The drawings of an adapter's or a fine-tune's spectra.
struct SpectrumPlot<Row: SpectrumRow> {
  let name: String
  let rows: [Row]

  /// One figure of every change, by layer and module.
  func heatMap(of figure: SpectrumFigure) -> String {
    let grid = LayerGrid(rows.map { ($0.target.module, figure.value(of: $0)) })
    return HeatMap(
      title: "\(figure.title) of \(name)", figure: figure.title, rowLabel: "layer",
      rows: grid.rows, columns: grid.columns, values: grid.values
    ).svg
  }

  private static func points(_ values: some Sequence<Double>) -> [(x: Double, y: Double)] {
    values.enumerated().map { (x: Double($0.offset + 1), y: $0.element) }
  }
}

extension SpectrumPlot<SpectrumInspection.Row> {
  /// Every change's singular values, one colour for each kind of module.
  var spectra: String {
    LinePlot(
      title: "Singular values of \(name)", xLabel: "index i", yLabel: "σᵢ of the scaled change",
      series: rows.map { row in
        LinePlot.Series(
          name: row.target.kind,
          points: Self.points(row.spectrum.values.prefix(max(row.usedRank, 1))))
      }
    ).svg
  }
}

extension SpectrumPlot<TunedSpectrum> {
  /// The values that are more than rounding of the decomposition: others would stretch the axis.
  private static func resolved(_ spectrum: Spectrum) -> [Double] {
    spectrum.values.filter { $0 > 1e-6 * spectrum.spectralNorm }
  }

  /// The singular values of every weight before, after and of the change, with the edge below which a
  /// change is rounding: the highest of all weights.
  var spectra: String {
    var series: [LinePlot.Series] = []
    for (name, part) in [
      // Of two that nearly coincide, the dashed one lies on top.
      ("W + Δ", \TunedSpectrum.tuned), ("W", \.base), ("Δ", \.change),
    ] as [(String, KeyPath<TunedSpectrum, Spectrum>)] {
      series += rows.map { row in
        LinePlot.Series(
          name: name, points: Self.points(Self.resolved(row[keyPath: part])),
          isDashed: name == "W")
      }
    }
    let edges = rows.map(\.floor.edge).filter { $0 > 0 }
    if let edge = edges.max() {
      let last = Double(rows.map(\.fullRank).max() ?? 1)
      series.append(
        LinePlot.Series(
          name: "rounding", points: [(x: 1, y: edge), (x: last, y: edge)], isDashed: true,
          colour: PlotColours.ink))
    }
    return LinePlot(
      title: "Singular values of \(name) and its base", xLabel: "index i", yLabel: "σᵢ",
      series: series,
      lineWidth: rows.count > 20 ? 0.7 : 1.4
    ).svg
  }
}
