/// Lines over two axes, with a legend.
struct LinePlot {
  /// One line.
  struct Series {
    /// What the legend calls it; series of one name share a colour and an entry.
    let name: String
    let points: [(x: Double, y: Double)]
    var isDashed = false
    /// Nil for the palette's next one.
    var colour: String?
  }

  let title: String
  let xLabel: String
  let yLabel: String
  let series: [Series]
  var isLogarithmic = (x: true, y: true)
  var lineWidth = 1.4

  /// The drawing.
  var svg: String {
    let (left, top, plotWidth, plotHeight) = (78.0, 46.0, 560.0, 360.0)
    var names: [String] = []
    for one in series where !names.contains(one.name) { names.append(one.name) }
    let legendWidth = 40 + Double(names.map(\.count).max() ?? 0) * 7.2
    let height = max(top + plotHeight + 58, top + Double(names.count) * 20 + 30)
    var drawing = SVG(
      width: max(left + plotWidth + 16 + legendWidth, left + Double(title.count) * 8.6 + 16),
      height: height)
    let points = series.flatMap(\.points)
    let x = PlotAxis(holding: points.map(\.x), isLogarithmic: isLogarithmic.x)
    let y = PlotAxis(holding: points.map(\.y), isLogarithmic: isLogarithmic.y)
    drawing.text(title, x: left, y: 26, size: 15, isBold: true)
    let bottom = top + plotHeight
    for tick in x.ticks {
      let place = left + (x.share(of: tick) ?? 0) * plotWidth
      drawing.line(from: (place, top), to: (place, bottom), stroke: PlotColours.grid)
      drawing.text(PlotAxis.label(tick), x: place, y: bottom + 18, anchor: .middle)
    }
    for tick in y.ticks {
      let place = bottom - (y.share(of: tick) ?? 0) * plotHeight
      drawing.line(from: (left, place), to: (left + plotWidth, place), stroke: PlotColours.grid)
      drawing.text(PlotAxis.label(tick), x: left - 8, y: place + 4, anchor: .end)
    }
    drawing.path(
      [(left, top), (left, bottom), (left + plotWidth, bottom)], stroke: PlotColours.ink, width: 1)
    drawing.text(xLabel, x: left + plotWidth / 2, y: bottom + 40, size: 13, anchor: .middle)
    drawing.text(
      yLabel, x: 20, y: top + plotHeight / 2, size: 13, anchor: .middle, turned: true)
    for one in series {
      let colour = one.colour ?? PlotColours.line(names.firstIndex(of: one.name) ?? 0)
      let places = one.points.compactMap { point -> (x: Double, y: Double)? in
        guard let across = x.share(of: point.x), let up = y.share(of: point.y) else { return nil }
        return (left + across * plotWidth, bottom - up * plotHeight)
      }
      drawing.path(
        Self.thinned(places), stroke: colour, width: lineWidth, isDashed: one.isDashed)
      if places.count <= 40, !one.isDashed, series.count <= 60 {
        for place in places { drawing.dot(place.x, place.y, radius: 2, fill: colour) }
      }
    }
    for (number, name) in names.enumerated() {
      let place = top + 8 + Double(number) * 20
      let start = left + plotWidth + 16
      let sample = series.first { $0.name == name }
      drawing.path(
        [(start, place), (start + 20, place)],
        stroke: sample?.colour ?? PlotColours.line(number), width: 3,
        isDashed: sample?.isDashed ?? false)
      drawing.text(name, x: start + 26, y: place + 4)
    }
    return drawing.document
  }

  /// The points that a screen tells apart: thousands of singular values share a few pixels.
  private static func thinned(
    _ places: [(x: Double, y: Double)]
  ) -> [(x: Double, y: Double)] {
    var kept: [(x: Double, y: Double)] = []
    for (number, place) in places.enumerated() {
      if let last = kept.last, number < places.count - 1,
        abs(place.x - last.x) < 0.75, abs(place.y - last.y) < 0.75
      {
        continue
      }
      kept.append(place)
    }
    return kept
  }
}
