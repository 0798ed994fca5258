extension ChunkCodec {
  /// The smallest of the encodings that are worth trying for `chunk`.
  ///
  /// `parent` is a chunk that may be alike, such as the same place of the same tensor one
  /// checkpoint earlier; one of another size is of no use.
  public func encode(
    _ chunk: [UInt8],
    layout: ElementLayout,
    parent: [UInt8]? = nil
  ) -> EncodedChunk {
    let layout = layout.fitting(chunk.count)
    var best = EncodedChunk(encoding: .raw, layout: layout, body: chunk)
    func consider(_ encoding: EncodedChunk.Encoding, _ body: [UInt8]) {
      guard body.count < best.body.count else { return }
      best = EncodedChunk(encoding: encoding, layout: layout, body: body)
    }
    guard layout != .bytes else {
      consider(.zstd, coder.frame(of: chunk, level: 3))
      return best
    }
    kernels.split(
      chunk,
      width: layout.width,
      exponentFirst: layout.isExponentFirst,
      into: &planes
    )
    let counts = planeCounts(layout.width)
    let alone = counts.reduce(0) { $0 + PlaneCoder.estimate($1) }
    guard let parent, parent.count == chunk.count, let exponent = layout.exponent else {
      consider(.planes, codedPlanes(counts))
      return best
    }

    let top = Self.top(
      kernels.exponentCounts(of: parent, width: layout.width, exponent: exponent)
    )
    let places = kernels.places(of: parent, width: layout.width, exponent: exponent, top: top)
    kernels.sortDifferences(of: chunk, from: parent, places: places, into: &differences)
    kernels.split(differences, width: layout.width, exponentFirst: false, into: &sortedPlanes)
    let count = chunk.count / layout.width
    let cuts = (0..<layout.width).map {
      BucketSegments(sortedPlanes, at: $0 * count, starts: places.starts)
    }
    let bucketed = cuts.reduce(2) { $0 + $1.estimate }
    if alone < bucketed * 1.02 { consider(.planes, codedPlanes(counts)) }
    if bucketed < alone * 1.02 {
      consider(.bucketedDifference, codedSegments(cuts, top: top, starts: places.starts))
    }
    // Where much is unchanged, it may be unchanged in runs, which sorting breaks up. Where a search
    // finds none, sorting saves at least what another order would.
    let plain = cuts.map(\.counts)
    if Int(plain[layout.width - 1][0]) >= count / 4 {
      kernels.subtract(parent, from: chunk, width: layout.width, into: &differences)
      kernels.split(differences, width: layout.width, exponentFirst: false, into: &planes)
      let lowest = (layout.width - 1) * count..<layout.width * count
      if coder.gainOfSearch(planes, lowest) >= 0 {
        consider(.difference, codedPlanes(plain))
      }
    }
    return best
  }

  /// About how often each byte occurs in each of `planes`.
  private func planeCounts(_ width: Int) -> [[UInt32]] {
    let count = planes.count / width
    return (0..<width).map {
      PlaneKernels.sampledCounts(of: planes, in: $0 * count..<($0 + 1) * count)
    }
  }

  private func codedPlanes(_ counts: [[UInt32]]) -> [UInt8] {
    let count = planes.count / counts.count
    var body: [UInt8] = []
    body.reserveCapacity(planes.count)
    for (number, counts) in counts.enumerated() {
      coder.append(planes, number * count..<(number + 1) * count, counts: counts, to: &body)
    }
    return body
  }

  private func codedSegments(_ cuts: [BucketSegments], top: UInt16, starts: [Int]) -> [UInt8] {
    let count = sortedPlanes.count / cuts.count
    var body: [UInt8] = []
    body.reserveCapacity(sortedPlanes.count)
    body.append(littleEndian: top)
    for (number, cut) in cuts.enumerated() {
      for segment in cut.segments {
        let offset = number * count
        let range =
          offset + starts[segment.buckets.lowerBound]..<offset + starts[segment.buckets.upperBound]
        body.append(UInt8(segment.buckets.count))
        if !range.isEmpty {
          coder.append(sortedPlanes, range, counts: segment.counts, to: &body)
        }
      }
    }
    return body
  }

  /// The exponent of bucket 0: the highest that is not rare, so that the buckets lie where the
  /// numbers are.
  private static func top(_ counts: [UInt32]) -> UInt16 {
    let total = counts.reduce(0) { $0 + Int($1) }
    var above = 0
    for exponent in counts.indices.reversed() {
      above += Int(counts[exponent])
      if above * 256 >= total { return UInt16(exponent) }
    }
    return 0
  }
}
