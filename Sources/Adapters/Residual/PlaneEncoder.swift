internal import Archives

/// Writes numbers as byte planes, each coded in the way that suits it; see `ResidualFormat`.
final class PlaneEncoder {
  private let coder = ZstdCoder()
  private var plane: [UInt8] = []

  /// Appends as many planes as the largest number needs.
  func append(_ numbers: Span<UInt64>, to bytes: inout [UInt8]) {
    var union: UInt64 = 0
    for index in numbers.indices { union |= numbers[index] }
    let planeCount = max(1, (64 - union.leadingZeroBitCount + 7) / 8)
    bytes.append(UInt8(planeCount))
    for number in 0..<planeCount {
      Self.split(numbers, plane: number, into: &plane)
      appendPlane(to: &bytes)
    }
  }

  /// Makes `plane` hold byte number `number` of every number.
  private static func split(_ numbers: Span<UInt64>, plane number: Int, into plane: inout [UInt8]) {
    if plane.count != numbers.count { plane = [UInt8](repeating: 0, count: numbers.count) }
    let shift = UInt64(8 * number)
    for index in numbers.indices {
      plane[index] = UInt8(truncatingIfNeeded: numbers[index] &>> shift)
    }
  }

  private func appendPlane(to bytes: inout [UInt8]) {
    let first = plane.first ?? 0
    if count(of: first) == plane.count {
      bytes += [ResidualFormat.constantPlane, first]
      return
    }
    // Huffman coding spends a bit on every byte. Where nine in ten are 0, as in the highest planes,
    // a search for repetitions spends less.
    let isSparse = count(of: 0) > plane.count / 10 * 9
    let frame = coder.compress(plane.span, coding: isSparse ? .level(1) : .huffman)
    if frame.count < plane.count {
      bytes.append(ResidualFormat.zstdPlane)
      bytes.appendVarint(UInt64(frame.count))
      bytes += frame
    } else {
      bytes.append(ResidualFormat.rawPlane)
      bytes += plane
    }
  }

  private func count(of byte: UInt8) -> Int {
    var count = 0
    for other in plane { count += other == byte ? 1 : 0 }
    return count
  }
}

extension [UInt8] {
  /// Appends seven bits per byte, the lowest first; the last byte has its top bit clear.
  mutating func appendVarint(_ number: UInt64) {
    var left = number
    while left >= 0x80 {
      append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    append(UInt8(left))
  }
}
