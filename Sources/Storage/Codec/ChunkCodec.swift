/// Encodes and decodes chunks, and keeps its working memory from one to the next. One per worker:
/// it is not for use from two threads.
public final class ChunkCodec {
  /// The most bytes of a chunk.
  public static let maximumByteCount = 1 << 20

  let kernels: PlaneKernels
  let coder = PlaneCoder()
  var planes: [UInt8] = []
  var differences: [UInt8] = []
  var sorted: [UInt8] = []
  var sortedPlanes: [UInt8] = []
  var buckets: [UInt8] = []

  /// A codec with its own working memory.
  public convenience init() { self.init(kernels: PlaneKernels()) }

  init(kernels: PlaneKernels) { self.kernels = kernels }
}

extension ChunkCodec {
  /// The `byteCount` bytes of a stored chunk, which the caller has bounded.
  ///
  /// `parent` is needed where the encoding says so. Any body either decodes or throws
  /// `malformedEncoding`; that the bytes are the right ones is known by their digest alone.
  public func decode(
    _ chunk: EncodedChunk,
    byteCount: Int,
    parent: [UInt8]? = nil
  ) throws(StorageError) -> [UInt8] {
    let layout = chunk.layout
    guard byteCount > 0, byteCount <= Self.maximumByteCount, layout.fitting(byteCount) == layout
    else { throw .malformedEncoding(rule: "a chunk that is no number of its elements") }
    var reader = ByteReader(chunk.body)
    var decoded: [UInt8] = []
    switch chunk.encoding {
    case .raw:
      decoded = Array(try reader.next(byteCount))
    case .zstd:
      return try coder.frame(chunk.body[...], byteCount: byteCount)
    case .planes:
      try readPlanes(&reader, byteCount: byteCount, width: layout.width)
      kernels.join(
        planes,
        width: layout.width,
        exponentFirst: layout.isExponentFirst,
        into: &decoded
      )
    case .difference, .bucketedDifference:
      guard let exponent = layout.exponent, let parent, parent.count == byteCount else {
        throw .malformedEncoding(rule: "a difference from a chunk that is not of its form")
      }
      if chunk.encoding == .difference {
        try readPlanes(&reader, byteCount: byteCount, width: layout.width)
        kernels.join(planes, width: layout.width, exponentFirst: false, into: &differences)
      } else {
        kernels.findBuckets(
          of: parent,
          width: layout.width,
          exponent: exponent,
          top: try reader.uint16(),
          into: &buckets
        )
        let places = kernels.places(of: buckets)
        try readSegments(&reader, byteCount: byteCount, width: layout.width, starts: places.starts)
        kernels.join(sortedPlanes, width: layout.width, exponentFirst: false, into: &sorted)
        kernels.gather(
          sorted,
          width: layout.width,
          buckets: buckets,
          places: places,
          into: &differences
        )
      }
      kernels.add(parent, to: differences, width: layout.width, into: &decoded)
    }
    guard reader.left == 0 else { throw .malformedEncoding(rule: "bytes after the end") }
    return decoded
  }

  /// Whether a chunk that was encoded comes back as it was.
  func isExact(_ encoded: EncodedChunk, _ chunk: [UInt8], parent: [UInt8]?) -> Bool {
    guard let decoded = try? decode(encoded, byteCount: chunk.count, parent: parent) else {
      return false
    }
    return PlaneKernels.areEqual(decoded, chunk)
  }

  private func readPlanes(
    _ reader: inout ByteReader,
    byteCount: Int,
    width: Int
  ) throws(StorageError) {
    if planes.count != byteCount { planes = [UInt8](repeating: 0, count: byteCount) }
    let count = byteCount / width
    for number in 0..<width {
      try coder.read(&reader, into: &planes, number * count..<(number + 1) * count)
    }
  }

  private func readSegments(
    _ reader: inout ByteReader,
    byteCount: Int,
    width: Int,
    starts: [Int]
  ) throws(StorageError) {
    if sortedPlanes.count != byteCount { sortedPlanes = [UInt8](repeating: 0, count: byteCount) }
    for number in 0..<width {
      let offset = number * (byteCount / width)
      var bucket = 0
      while bucket < PlaneKernels.bucketCount {
        let end = bucket + Int(try reader.byte())
        guard end > bucket, end <= PlaneKernels.bucketCount else {
          throw .malformedEncoding(rule: "a segment beyond the last bucket")
        }
        let range = offset + starts[bucket]..<offset + starts[end]
        if !range.isEmpty { try coder.read(&reader, into: &sortedPlanes, range) }
        bucket = end
      }
    }
  }
}
