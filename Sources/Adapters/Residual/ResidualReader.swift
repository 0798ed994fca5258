internal import Archives

/// A cursor over stored corrections that checks whatever it reads; see `ResidualFormat`.
struct ResidualReader {
  private let bytes: [UInt8]
  private var position = 0
  private let coder = ZstdCoder()

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether all bytes were read.
  var isAtEnd: Bool { position == bytes.count }

  /// The next byte.
  mutating func byte() throws(ResidualError) -> UInt8 {
    guard position < bytes.count else { throw .truncated }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next number.
  mutating func varint() throws(ResidualError) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      let part = UInt64(byte & 0x7f)
      guard (part << shift) >> shift == part else { break }
      number |= part << shift
      if byte < 0x80 { return number }
    }
    throw .malformed(rule: "have a number beyond 64 bits")
  }

  /// The next number, which must be in `range`; `rule` says what is wrong with it otherwise.
  mutating func count(
    in range: ClosedRange<Int>,
    rule: String
  ) throws(ResidualError) -> Int {
    guard let count = Int(exactly: try varint()), range.contains(count) else {
      throw .malformed(rule: rule)
    }
    return count
  }

  /// `count` numbers of at most `width` bytes, from their planes; the caller bounds `count`.
  mutating func numbers(_ count: Int, width: Int) throws(ResidualError) -> [UInt64] {
    let planeCount = Int(try byte())
    guard (1...width).contains(planeCount) else {
      throw .malformed(rule: "have \(planeCount) planes where there may be \(width)")
    }
    var numbers = [UInt64](repeating: 0, count: count)
    for number in 0..<planeCount {
      let plane = try plane(count)
      let shift = UInt64(8 * number)
      for index in 0..<count { numbers[index] |= UInt64(plane[index]) &<< shift }
    }
    return numbers
  }

  /// The next plane, of `count` bytes.
  private mutating func plane(_ count: Int) throws(ResidualError) -> [UInt8] {
    switch try byte() {
    case ResidualFormat.rawPlane:
      return Array(try next(count))
    case ResidualFormat.constantPlane:
      return [UInt8](repeating: try byte(), count: count)
    case ResidualFormat.zstdPlane:
      let frameCount = try self.count(in: 0...count, rule: "have a frame larger than its plane")
      let frame = try next(frameCount)
      do {
        return try coder.decompress(frame.span, byteCount: count)
      } catch {
        throw .malformed(rule: "have a plane that is no zstd frame of \(count) bytes")
      }
    case let coding:
      throw .malformed(rule: "have a plane of the unknown coding \(coding)")
    }
  }

  /// The next `count` bytes.
  private mutating func next(_ count: Int) throws(ResidualError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw .truncated }
    defer { position += count }
    return bytes[position..<position + count]
  }
}
