/// Encodes and decodes chunks, and keeps its working memory from one to the next. One per worker:
/// it is not for use from two threads.
public final class ChunkCodec {
  /// The most bytes of a chunk.
  public static let maximumByteCount = 1 << 20

  let kernels: PlaneKernels
  let coder = PlaneCoder()
  var planes: [UInt8] = []
  var differences: [UInt8] = []
  var sortedPlanes: [UInt8] = []

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
      let width = layout.width
      if chunk.encoding == .difference {
        try readPlanes(&reader, byteCount: byteCount, width: width)
        kernels.join(planes, width: width, exponentFirst: false, into: &differences)
        kernels.add(parent, to: differences, width: width, into: &decoded)
      } else {
        let top = try reader.uint16()
        let places = kernels.places(of: parent, width: width, exponent: exponent, top: top)
        try readSegments(&reader, byteCount: byteCount, places: places)
        kernels.join(planes, width: width, exponentFirst: false, into: &differences)
        kernels.add(parent, toSorted: differences, places: places, into: &decoded)
      }
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
    places: BucketPlaces
  ) throws(StorageError) {
    if planes.count != byteCount { planes = [UInt8](repeating: 0, count: byteCount) }
    for number in 0..<places.width {
      let offset = number * places.count
      var bucket = 0
      while bucket < PlaneKernels.bucketCount {
        let end = bucket + Int(try reader.byte())
        guard end > bucket, end <= PlaneKernels.bucketCount else {
          throw .malformedEncoding(rule: "a segment beyond the last bucket")
        }
        let range = offset + places.starts[bucket]..<offset + places.starts[end]
        if !range.isEmpty { try coder.read(&reader, into: &planes, range) }
        bucket = end
      }
    }
  }
}
