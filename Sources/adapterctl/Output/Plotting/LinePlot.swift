/// Lines over two axes, with a legend.
struct LinePlot {
  /// One line.
  struct Series {
    /// What the legend calls it; series of one name share a colour and an entry.
    let name: String
    let points: [(x: Double, y: Double)]
  }

  let title: String
  let xLabel: String
  let yLabel: String
  let series: [Series]
  var isLogarithmic = (x: true, y: true)

  /// The drawing.
  var svg: String {
    let (left, top, plotWidth, plotHeight) = (78.0, 46.0, 560.0, 360.0)
    var names: [String] = []
    for one in series where !names.contains(one.name) { names.append(one.name) }
    let legendWidth = 40 + Double(names.map(\.count).max() ?? 0) * 7.2
    let height = max(top + plotHeight + 58, top + Double(names.count) * 20 + 30)
    var drawing = SVG(width: left + plotWidth + 16 + legendWidth, height: height)
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
      let colour = PlotColours.line(names.firstIndex(of: one.name) ?? 0)
      let places = one.points.compactMap { point -> (x: Double, y: Double)? in
        guard let across = x.share(of: point.x), let up = y.share(of: point.y) else { return nil }
        return (left + across * plotWidth, bottom - up * plotHeight)
      }
      drawing.path(places, stroke: colour, width: 1.4)
      if places.count <= 40 {
        for place in places { drawing.dot(place.x, place.y, radius: 2, fill: colour) }
      }
    }
    for (number, name) in names.enumerated() {
      let place = top + 8 + Double(number) * 20
      let start = left + plotWidth + 16
      drawing.line(
        from: (start, place), to: (start + 18, place), stroke: PlotColours.line(number), width: 3)
      drawing.text(name, x: start + 24, y: place + 4)
    }
    return drawing.document
  }
}
