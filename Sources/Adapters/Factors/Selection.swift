/// Which rows of a matrix are taken, in order.
public enum Selection: Hashable, Sendable {
  /// `count` rows from `start` on, every `step`-th.
  case every(start: Int, step: Int, count: Int)
  /// Row i mod `period`, for `count` rows.
  case cyclic(period: Int, count: Int)
  /// `count` rows from `groups` rows, each of which is repeated: the first `count` mod `groups` of
  /// them once more often than the others.
  case grouped(groups: Int, count: Int)
  /// Row i / `times`, for `count` rows.
  case repeated(times: Int, count: Int)

  /// In blocks of `width` rows, the even rows before the odd ones.
  case pairsApart(width: Int, count: Int)
  /// In blocks of `width` rows, a row of the first half and one of the second in turn.
  case pairsTogether(width: Int, count: Int)

  /// Neighbouring rows.
  static func range(_ range: Range<Int>) -> Selection {
    .every(start: range.lowerBound, step: 1, count: range.count)
  }

  /// How many rows are taken.
  var count: Int {
    switch self {
    case .every(_, _, let count), .cyclic(_, let count), .grouped(_, let count),
      .repeated(_, let count), .pairsApart(_, let count), .pairsTogether(_, let count):
      return count
    }
  }

  /// The row that is taken at a place.
  func row(at place: Int) -> Int {
    switch self {
    case .every(let start, let step, _): return start + place * step
    case .cyclic(let period, _): return place % period
    case .repeated(let times, _): return place / times
    case .pairsApart(let width, _):
      let inside = place % width
      return place - inside + inside % (width / 2) * 2 + inside / (width / 2)
    case .pairsTogether(let width, _):
      let inside = place % width
      return place - inside + inside % 2 * (width / 2) + inside / 2
    case .grouped(let groups, let count):
      let (small, big) = count.quotientAndRemainder(dividingBy: groups)
      let bigCount = big * (small + 1)
      return place < bigCount ? place / (small + 1) : big + (place - bigCount) / max(small, 1)
    }
  }

  /// One more than the largest row that is taken; 0 where none is.
  var upperBound: Int {
    guard count > 0 else { return 0 }
    switch self {
    case .cyclic(let period, let count): return min(period, count)
    case .pairsApart(_, let count), .pairsTogether(_, let count): return count
    case .every, .grouped, .repeated: return row(at: count - 1) + 1
    }
  }
}

/// Where the ones of a 0-1 matrix `[groups, count]` stand: in column j at row `row(at: j)`.
///
/// With `wraps`, the columns go on behind the last one, from the first, until their number is a
/// multiple of the period: the first columns then have a second 1.
public struct Incidence: Hashable, Sendable {
  /// The row of each column.
  let selection: Selection
  /// Whether columns are repeated until a multiple of the period is reached.
  let wraps: Bool

  /// The places of all ones; one that occurs twice counts twice.
  func forEachOne(rows: Int, columns: Int, _ body: (_ row: Int, _ column: Int) -> Void) {
    for column in 0..<columns { body(selection.row(at: column), column) }
    guard wraps, rows > 0, columns > 0 else { return }
    for extra in columns..<(columns + rows - 1) / rows * rows {
      body(extra % rows, extra % columns)
    }
  }
}
