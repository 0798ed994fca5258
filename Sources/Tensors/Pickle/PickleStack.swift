/// The stack of a pickle machine: values, and marks below which nothing is taken.
struct PickleStack {
  /// Most values, and most marks; Python's pickler puts two thousand there at a time, but for
  /// tuples.
  static let limit = 1 << 16

  private var values: [PickleValue] = []
  private var marks: [Int] = []

  mutating func push(_ value: PickleValue) throws(PickleError) {
    guard values.count < Self.limit else { throw Self.overflow }
    values.append(value)
  }

  mutating func mark() throws(PickleError) {
    guard marks.count < Self.limit else { throw Self.overflow }
    marks.append(values.count)
  }

  /// The topmost value, which stays.
  func top() throws(PickleError) -> PickleValue {
    guard values.count > floor, let value = values.last else { throw Self.underflow }
    return value
  }

  mutating func pop() throws(PickleError) -> PickleValue {
    guard values.count > floor, let value = values.popLast() else { throw Self.underflow }
    return value
  }

  /// Takes the topmost `count` values, in the order they were put.
  mutating func pop(_ count: Int) throws(PickleError) -> ArraySlice<PickleValue> {
    guard values.count - count >= floor else { throw Self.underflow }
    return take(from: values.count - count)
  }

  /// Takes the topmost mark and the values above it, in the order they were put.
  mutating func popToMark() throws(PickleError) -> ArraySlice<PickleValue> {
    guard let mark = marks.popLast() else {
      throw .broken("has a pickle that closes what it has not opened")
    }
    return take(from: mark)
  }

  /// The one value that is left at the end.
  func onlyValue() throws(PickleError) -> PickleValue {
    guard values.count == 1, marks.isEmpty else {
      throw .broken("has a pickle that ends with \(values.count) values instead of one")
    }
    return values[0]
  }

  private var floor: Int { marks.last ?? 0 }

  private mutating func take(from start: Int) -> ArraySlice<PickleValue> {
    let taken = ArraySlice(Array(values[start...]))
    values.removeSubrange(start...)
    return taken
  }

  private static let overflow = PickleError.broken(
    "has a pickle with more than \(limit) values on its stack"
  )
  private static let underflow = PickleError.broken(
    "has a pickle that takes more than it has put"
  )
}
