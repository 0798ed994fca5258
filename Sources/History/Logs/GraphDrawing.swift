public import Storage

/// Draws the lines of branches beside a log, from the newest commit to the oldest.
///
/// A column stands for a commit that is still to come. A column is two characters wide.
public struct GraphDrawing {
  /// What stands beside the lines of one commit.
  public struct Rows: Hashable, Sendable {
    /// The first row has the commit in it, the others lead to the columns after it.
    public let rows: [String]
    /// What stands beside any further lines.
    public let rest: String
  }

  private var columns: [ObjectID] = []

  /// A drawing without columns.
  public init() {}

  /// The rows of the next commit, all of the same width.
  public mutating func add(_ id: ObjectID, parents: [ObjectID]) -> Rows {
    if !columns.contains(id) { columns.append(id) }
    let place = columns.firstIndex(of: id) ?? 0
    var rows = [columns.indices.map { $0 == place ? "*" : "|" }.joined(separator: " ")]
    if let first = parents.first {
      columns[place] = first
      // Each opens a column to the right of the commit's, the second parent's last and so nearest.
      for parent in parents.dropFirst().reversed() { rows.append(open(parent, at: place + 1)) }
    } else if let row = close(place) {
      rows.append(row)
    }
    while let (left, right) = meeting() { rows += join(right, into: left) }
    let rest = columns.map { _ in "|" }.joined(separator: " ")
    let width = (rows + [rest]).map(\.count).max() ?? 0
    return Rows(rows: rows.map { Self.padded($0, width) }, rest: Self.padded(rest, width))
  }

  /// `| |\ \`: those to the right make room.
  private mutating func open(_ parent: ObjectID, at place: Int) -> String {
    var row = [Character](repeating: " ", count: 2 * columns.count)
    for column in columns.indices {
      if column < place { row[2 * column] = "|" } else { row[2 * column - 1] = "\\" }
    }
    // The new column's own stroke, and one more for the last of those that are moved.
    row[2 * columns.count - 1] = "\\"
    columns.insert(parent, at: place)
    return String(row)
  }

  /// `| /`: those to the right take the room; nil where there are none.
  private mutating func close(_ place: Int) -> String? {
    columns.remove(at: place)
    guard place < columns.count else { return nil }
    return Self.shifted(columns.count + 1, from: place + 1, without: place)
  }

  /// Two columns that wait for the same commit, if there are any.
  private func meeting() -> (left: Int, right: Int)? {
    for right in columns.indices {
      if let left = columns[..<right].firstIndex(of: columns[right]) { return (left, right) }
    }
    return nil
  }

  /// `|/` next to each other; with columns between them, `| |/` and `|/|`.
  private mutating func join(_ right: Int, into left: Int) -> [String] {
    var rows = [Self.shifted(columns.count, from: right)]
    columns.remove(at: right)
    for place in stride(from: right - 1, to: left, by: -1) {
      var row = Array(columns.map { _ in "|" }.joined(separator: " "))
      row[2 * place - 1] = "/"
      rows.append(String(row))
    }
    return rows
  }

  /// A row in which the columns from one on move one place to the left.
  private static func shifted(
    _ count: Int, from place: Int, without ended: Int? = nil
  ) -> String {
    var row = [Character](repeating: " ", count: 2 * count - 1)
    for column in 0..<count where column != ended {
      if column < place { row[2 * column] = "|" } else { row[2 * column - 1] = "/" }
    }
    return String(row)
  }

  private static func padded(_ row: String, _ width: Int) -> String {
    row + String(repeating: " ", count: width - row.count)
  }
}
