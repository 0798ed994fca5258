internal import Archives

/// Writes and reads single planes of bytes, each coded in the way that suits it.
final class PlaneCoder {
  /// How a plane is coded, as its first byte says.
  enum Coding: UInt8 {
    case raw = 0
    case constant = 1
    case zstd = 2
  }

  /// Shorter ranges are coded in both ways, longer ones in pieces first.
  private static let triedByteCount = 64 << 10
  /// What a search must save or lose in the pieces to be decided by them.
  private static let clearGain = 0.1

  private let zstd = ZstdCoder()
  private var frame: [UInt8] = []
  private var otherFrame: [UInt8] = []

  /// How many bytes a plane with these counts will take, about.
  static func estimate(_ counts: [UInt32]) -> Double {
    var total: UInt32 = 0
    var distinct = 0
    for count in counts where count > 0 {
      total += count
      distinct += 1
    }
    if distinct <= 1 { return Double(1 + distinct) }
    let bits = PlaneKernels.order0Bits(counts)
    // A Huffman code spends a bit at least; where it would waste much, a search for runs wins.
    let coded = max(bits * 1.003, min(Double(total), bits * 1.25)) / 8
    let blocks = Double(total / (128 << 10) + 1)
    return 2 + min(Double(total), coded + 16 + blocks * min(128, 8 + Double(distinct) * 0.5))
  }

  /// Appends the coding of `planes[range]`, in which bytes occur about so often.
  func append(
    _ planes: [UInt8],
    _ range: Range<Int>,
    counts: [UInt32],
    to body: inout [UInt8]
  ) {
    let distinct = counts.count { $0 > 0 }
    if distinct <= 1, PlaneKernels.isConstant(planes, in: range) {
      body += [Coding.constant.rawValue, planes[range.lowerBound]]
      return
    }
    if distinct <= 1 || Self.estimate(counts) < Double(range.count) {
      let count = compress(planes, range, counts: counts)
      if count + 4 < range.count {
        body.append(Coding.zstd.rawValue)
        body.append(littleEndian: UInt32(count))
        body += frame[..<count]
        return
      }
    }
    body.append(Coding.raw.rawValue)
    body += planes[range]
  }

  /// Makes the start of `frame` the smaller of a Huffman code's and a search's; its bytes.
  private func compress(_ planes: [UInt8], _ range: Range<Int>, counts: [UInt32]) -> Int {
    let plane = planes.span.extracting(range)
    // Where no byte is frequent, nothing is found by a search.
    var codings: [ZstdCoding] = [.huffman]
    if Self.isSearchable(counts, byteCount: range.count) {
      let gain = gainOfSearch(planes, range)
      if gain > -Self.clearGain {
        codings = gain > Self.clearGain ? [.level(3)] : [.huffman, .level(3)]
      }
    }
    var count = zstd.compress(plane, coding: codings[0], into: &frame)
    for coding in codings.dropFirst() {
      let other = zstd.compress(plane, coding: coding, into: &otherFrame)
      guard other < count else { continue }
      count = other
      swap(&frame, &otherFrame)
    }
    return count
  }

  /// Whether one byte is so frequent that there may be runs of it.
  static func isSearchable(_ counts: [UInt32], byteCount: Int) -> Bool {
    Int(counts[0]) >= byteCount / 4 || counts.contains { Int($0) >= byteCount / 8 * 5 }
  }

  /// What part of a Huffman code's size a search saves, by pieces of a long range; 0, which decides
  /// nothing, for a short one.
  func gainOfSearch(_ planes: [UInt8], _ range: Range<Int>) -> Double {
    guard range.count >= Self.triedByteCount else { return 0 }
    let count = range.count / 24
    var (coded, searched) = (0, 0)
    // A range of sorted numbers changes from its start to its end.
    for place in [range.count / 8, range.count / 2, range.count * 7 / 8 - count] {
      let start = range.lowerBound + place
      let piece = planes.span.extracting(start..<start + count)
      coded += zstd.compress(piece, coding: .huffman, into: &frame)
      searched += zstd.compress(piece, coding: .level(3), into: &frame)
    }
    return 1 - Double(searched) / Double(coded)
  }

  /// Reads a plane of `range.count` bytes into `planes[range]`.
  func read(
    _ reader: inout ByteReader,
    into planes: inout [UInt8],
    _ range: Range<Int>
  ) throws(StorageError) {
    switch Coding(rawValue: try reader.byte()) {
    case .raw:
      planes.replaceSubrange(range, with: try reader.next(range.count))
    case .constant:
      PlaneKernels.fill(&planes, range, with: try reader.byte())
    case .zstd:
      let count = Int(try reader.uint32())
      guard count <= range.count else { throw .malformedEncoding(rule: "frame beyond its plane") }
      let frame = try reader.next(count)
      do {
        try zstd.decompress(frame.span, into: &planes, range)
      } catch {
        throw .malformedEncoding(rule: "no frame of \(range.count) bytes")
      }
    case nil:
      throw .malformedEncoding(rule: "unknown coding of a plane")
    }
  }

  /// The smallest frame that holds bytes of no known form.
  func frame(of bytes: [UInt8], level: Int) -> [UInt8] {
    let searched = zstd.compress(bytes.span, coding: .level(level))
    guard searched.count > bytes.count / 2 else { return searched }
    let coded = zstd.compress(bytes.span, coding: .huffman)
    return coded.count < searched.count ? coded : searched
  }

  /// The bytes of a frame, which must be so many.
  func frame(_ frame: ArraySlice<UInt8>, byteCount: Int) throws(StorageError) -> [UInt8] {
    guard contentByteCount(ofFrame: frame) == UInt64(byteCount) else {
      throw .malformedEncoding(rule: "no frame of \(byteCount) bytes")
    }
    do {
      return try zstd.decompress(frame.span, byteCount: byteCount)
    } catch {
      throw .malformedEncoding(rule: "no frame of \(byteCount) bytes")
    }
  }
}
