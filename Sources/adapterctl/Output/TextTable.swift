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
    let shortened = Self.shortening(of: names, to: room)
    var table = self
    for row in rows.indices.dropFirst() where column < rows[row].count {
      table.rows[row][column] = shortened(rows[row][column])
    }
    return table.lines
  }

  private var widths: [Int] {
    (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.compactMap { column < $0.count ? $0[column].count : nil }.max() ?? 0
    }
  }

  /// How names are shortened: by as few segments at the beginning as make all of them fit; where they
  /// would lose what tells them apart, by their middle too, `…3.….up_proj`, or as far as that goes.
  private static func shortening(of names: [String], to room: Int) -> (String) -> String {
    let distinct = Set(names).count
    let most = names.map { $0.split(separator: ".").count }.max() ?? 0
    let counts = (0...most).prefix { count in
      Set(names.map { dropping(count, from: $0) }).count == distinct
    }
    let fitting = counts.first { count in
      names.allSatisfy { dropping(count, from: $0).count <= room }
    }
    if let fitting { return { dropping(fitting, from: $0) } }
    let last = counts.last ?? 0
    func withoutMiddle(_ name: String) -> String {
      let rest = dropping(last, from: name)
      let segments = rest.split(separator: ".", omittingEmptySubsequences: false)
      guard rest.count > room, segments.count > 2 else { return rest }
      return "\(segments[0]).….\(segments[segments.count - 1])"
    }
    return Set(names.map(withoutMiddle)).count == distinct
      ? withoutMiddle : { dropping(last, from: $0) }
  }

  /// A dotted name without so many segments at its beginning; two always stay.
  private static func dropping(_ count: Int, from name: String) -> String {
    let segments = name.split(separator: ".", omittingEmptySubsequences: false)
    let dropped = min(count, max(0, segments.count - 2))
    return dropped == 0 ? name : "…" + segments.dropFirst(dropped).joined(separator: ".")
  }
}
