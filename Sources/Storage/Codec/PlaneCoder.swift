internal import Archives

/// Writes and reads single planes of bytes, each coded in the way that suits it.
final class PlaneCoder {
  /// How a plane is coded, as its first byte says.
  enum Coding: UInt8 {
    case raw = 0
    case constant = 1
    case zstd = 2
  }

  private let zstd = ZstdCoder()

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

  /// Appends the coding of `planes[range]`.
  func append(
    _ planes: [UInt8],
    _ range: Range<Int>,
    counts: [UInt32],
    to body: inout [UInt8]
  ) {
    let most = counts.max() ?? 0
    if Int(most) == range.count, let first = counts.firstIndex(where: { $0 > 0 }) {
      body += [Coding.constant.rawValue, UInt8(first)]
      return
    }
    if Self.estimate(counts) < Double(range.count) {
      let plane = planes.span.extracting(range)
      var frame = zstd.compress(plane, coding: .huffman)
      if counts[0] >= range.count / 4 || most >= range.count / 8 * 5 {
        let searched = zstd.compress(plane, coding: .level(3))
        if searched.count < frame.count { frame = searched }
      }
      if frame.count + 4 < range.count {
        body.append(Coding.zstd.rawValue)
        body.append(littleEndian: UInt32(frame.count))
        body += frame
        return
      }
    }
    body.append(Coding.raw.rawValue)
    body += planes[range]
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
      let byte = try reader.byte()
      for index in range { planes[index] = byte }
    case .zstd:
      let count = Int(try reader.uint32())
      guard count <= range.count else { throw .malformedEncoding(rule: "frame beyond its plane") }
      planes.replaceSubrange(range, with: try frame(reader.next(count), byteCount: range.count))
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
    do {
      return try zstd.decompress(frame.span, byteCount: byteCount)
    } catch {
      throw .malformedEncoding(rule: "no frame of \(byteCount) bytes")
    }
  }
}
