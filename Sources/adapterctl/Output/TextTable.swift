/// Rows in aligned columns: the first to the left, the others to the right.
struct TextTable {
  private var rows: [[String]]

  /// The most characters of a line, where names can give way for it.
  static let width = 100
  /// A name keeps this many characters, however wide the others are.
  private static let leastNameWidth = 16

  init(header: [String]) { rows = [header] }

  mutating func add(_ row: [String]) { rows.append(row.map(Terminal.escaped)) }

  /// The lines, indented by two spaces.
  var lines: [String] {
    let widths = self.widths
    return rows.map { row in
      var line = " "
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += column == 0 ? " " + cell + padding : "  " + padding + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// The lines, no longer than `width` where that can be: dotted names in one column lose segments at
  /// their beginnings, `…3.mlp.down_proj`, unless two of them would then look the same.
  func fittedLines(shortening column: Int = 0) -> [String] {
    let widths = self.widths
    guard column < widths.count else { return lines }
    let excess = widths.reduce(0) { $0 + $1 + 2 } - Self.width
    guard excess > 0 else { return lines }
    let room = max(Self.leastNameWidth, rows[0][column].count, widths[column] - excess)
    let names = rows.dropFirst().compactMap { column < $0.count ? $0[column] : nil }
    let count = Self.droppedSegments(of: names, for: room)
    let short = names.map { Self.shortened($0, by: count, to: room) }
    guard Set(short).count == Set(names).count else { return lines }
    var table = self
    for row in rows.indices.dropFirst() where column < rows[row].count {
      table.rows[row][column] = Self.shortened(rows[row][column], by: count, to: room)
    }
    return table.lines
  }

  private var widths: [Int] {
    (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0
    }
  }

  /// The least number of segments that all names must lose to fit, as far as that suffices.
  private static func droppedSegments(of names: [String], for room: Int) -> Int {
    let most = names.map { $0.split(separator: ".").count }.max() ?? 0
    return (0..<most).first { count in
      names.allSatisfy { dropping(count, from: $0).count <= room }
    } ?? most
  }

  /// A dotted name without so many segments at its beginning; two always stay.
  private static func dropping(_ count: Int, from name: String) -> String {
    let segments = name.split(separator: ".", omittingEmptySubsequences: false)
    let dropped = min(count, max(0, segments.count - 2))
    return dropped == 0 ? name : "…" + segments.dropFirst(dropped).joined(separator: ".")
  }

  /// The same, and where that is still too long without its first characters.
  private static func shortened(_ name: String, by count: Int, to room: Int) -> String {
    let rest = dropping(count, from: name)
    return rest.count <= room ? rest : "…" + rest.suffix(room - 1)
  }
}
