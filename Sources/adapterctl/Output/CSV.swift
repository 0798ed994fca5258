/// Comma-separated values as RFC 4180 has them, one record a line.
enum CSV {
  /// A line of cells. Names are untrusted: what a terminal would act on is spelled out.
  static func line(_ cells: [String]) -> String {
    cells.map { cell in
      let cell = Terminal.escaped(cell)
      return cell.contains { ",\"".contains($0) }
        ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }.joined(separator: ",")
  }

  /// All digits of a number; empty where there is none.
  static func number(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""
  }

  /// Numbers in one cell, separated by spaces.
  static func list(_ values: [Double]) -> String { values.map { "\($0)" }.joined(separator: " ") }
}
