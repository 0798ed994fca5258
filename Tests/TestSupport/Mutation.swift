extension Array where Element == UInt8 {
  /// These bytes with one to four random faults: flipped or replaced bytes, numbers at their
  /// extremes, cuts, repeats, insertions and pieces of `donor`.
  public func mutated(by generator: inout SeededGenerator, donor: [UInt8]) -> [UInt8] {
    var bytes = self
    for _ in 0...generator.index(below: 4) { bytes.mutateOnce(by: &generator, donor: donor) }
    return bytes
  }

  private mutating func mutateOnce(by generator: inout SeededGenerator, donor: [UInt8]) {
    let start = generator.index(below: count)
    let length = 1 + generator.index(below: Swift.min(count - start, 64))
    let range = start..<Swift.min(count, start + length)
    switch generator.index(below: 8) {
    case 0 where !isEmpty: self[start] ^= 1 << UInt8(generator.index(below: 8))
    case 1 where !isEmpty: self[start] = UInt8(truncatingIfNeeded: generator.next())
    case 2: removeSubrange(start...)
    case 3: removeSubrange(range)
    case 4: insert(contentsOf: self[range], at: start)
    case 5:
      insert(
        contentsOf: (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) },
        at: start
      )
    case 6:
      let from = generator.index(below: donor.count)
      replaceSubrange(range, with: donor[from..<Swift.min(donor.count, from + length)])
    default:
      let extremes: [UInt64] = [0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 62, .max]
      let value = extremes[generator.index(below: extremes.count)]
      let width = [1, 2, 4, 8][generator.index(below: 4)]
      for index in 0..<width where start + index < count {
        self[start + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
      }
    }
  }
}
