/// A table of values as coloured fields, with a scale beside it.
struct HeatMap {
  let title: String
  /// What a value is, with its unit: the name of the scale.
  let figure: String
  /// What the rows and the columns are.
  let rowLabel: String
  let rows: [String]
  let columns: [String]
  /// By row, then column; nil where there is none.
  let values: [[Double?]]
  /// Whether colours follow the logarithm.
  var isLogarithmic = false

  /// The drawing.
  var svg: String {
    let (cellWidth, cellHeight) = (
      min(70.0, max(14, 700 / Double(max(columns.count, 1)))),
      min(22.0, max(7, 620 / Double(max(rows.count, 1))))
    )
    let left = 44 + Double(rows.map(\.count).max() ?? 0) * 7
    let longest = Double(columns.map(\.count).max() ?? 0) * 6.6
    let isTurned = longest > cellWidth
    let top = 52 + (isTurned ? longest : 16)
    let gridWidth = cellWidth * Double(columns.count)
    let gridHeight = cellHeight * Double(rows.count)
    let scaleHeight = max(gridHeight, 160)
    var drawing = SVG(
      width: max(left + gridWidth + 130, 90 + Double(title.count) * 8.6),
      height: top + scaleHeight + 28)
    let axis = PlotAxis(
      holding: values.flatMap { $0.compactMap { $0 } }, isLogarithmic: isLogarithmic)
    drawing.text(title, x: 16, y: 26, size: 15, isBold: true)
    drawing.text(
      rowLabel, x: 18, y: top + gridHeight / 2, size: 13, anchor: .middle, turned: true)
    for (number, name) in columns.enumerated() {
      let place = left + (Double(number) + 0.5) * cellWidth
      if isTurned {
        drawing.text(name, x: place + 4, y: top - 6, turned: true)
      } else {
        drawing.text(name, x: place, y: top - 6, anchor: .middle)
      }
    }
    // Labels of low rows would overlap: every second, third, … is written.
    let stride = max(1, Int((13 / cellHeight).rounded(.up)))
    for (number, name) in rows.enumerated() {
      let place = top + Double(number) * cellHeight
      if number % stride == 0 {
        drawing.text(
          name, x: left - 6, y: place + cellHeight / 2 + 4, size: 11, anchor: .end)
      }
      for (column, value) in values[number].enumerated() {
        let share = value.flatMap(axis.share)
        drawing.rectangle(
          x: left + Double(column) * cellWidth, y: place, width: cellWidth - 0.5,
          height: cellHeight - 0.5, fill: share.map(PlotColours.heat) ?? PlotColours.none,
          title: "\(name), \(columns[column]): " + (value.map(PlotAxis.value) ?? "none"))
        if let value, let share, cellWidth >= 48, cellHeight >= 16 {
          drawing.text(
            PlotAxis.value(value), x: left + (Double(column) + 0.5) * cellWidth,
            y: place + cellHeight / 2 + 4, size: 10, anchor: .middle,
            fill: PlotColours.ink(onHeat: share))
        }
      }
    }
    drawScale(axis, at: (left + gridWidth + 24, top), height: scaleHeight, in: &drawing)
    return drawing.document
  }

  private func drawScale(
    _ axis: PlotAxis, at place: (x: Double, y: Double), height: Double, in drawing: inout SVG
  ) {
    let steps = 64
    for step in 0..<steps {
      let share = (Double(step) + 0.5) / Double(steps)
      drawing.rectangle(
        x: place.x, y: place.y + height * (1 - Double(step + 1) / Double(steps)), width: 14,
        height: height / Double(steps) + 0.5, fill: PlotColours.heat(share))
    }
    for tick in axis.ticks {
      let y = place.y + height * (1 - (axis.share(of: tick) ?? 0))
      drawing.line(from: (place.x + 14, y), to: (place.x + 18, y), stroke: PlotColours.ink)
      drawing.text(PlotAxis.label(tick), x: place.x + 21, y: y + 4, size: 11)
    }
    drawing.text(
      figure, x: place.x + 82, y: place.y + height / 2, size: 13, anchor: .middle, turned: true)
  }
}
