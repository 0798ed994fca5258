/// How the buckets of a sorted plane are cut into segments, each coded by itself.
///
/// Differences grow as the parent's exponent shrinks, so neighbouring buckets are alike but not the
/// same: a code for each saves what they differ by and costs its table. Neighbours are joined
/// as long as that saves bytes.
struct BucketSegments {
  struct Segment {
    /// The buckets in it.
    var buckets: Range<Int>
    /// About how often each byte occurs in it.
    var counts: [UInt32]
    /// How many bytes it will take.
    var estimate: Double
  }

  private(set) var segments: [Segment]

  /// How many bytes all of them will take.
  var estimate: Double { segments.reduce(0) { $0 + $1.estimate + 1 } }

  /// About how often each byte occurs in all of them, and so in the plane before it was sorted.
  var counts: [UInt32] {
    var counts = [UInt32](repeating: 0, count: 256)
    for segment in segments {
      for byte in counts.indices { counts[byte] += segment.counts[byte] }
    }
    return counts
  }

  /// Cuts one plane, whose first byte is at `offset`; bucket b is from `starts[b]` of it.
  init(_ planes: [UInt8], at offset: Int, starts: [Int]) {
    segments = (0..<PlaneKernels.bucketCount).map { bucket in
      let counts = PlaneKernels.sampledCounts(
        of: planes,
        in: offset + starts[bucket]..<offset + starts[bucket + 1]
      )
      return Segment(
        buckets: bucket..<bucket + 1,
        counts: counts,
        estimate: PlaneCoder.estimate(counts)
      )
    }
    var joined = segments.indices.dropLast().map { Self.join(segments[$0], segments[$0 + 1]) }
    while let best = joined.indices.min(by: { gain(joined, $0) < gain(joined, $1) }),
      gain(joined, best) <= 1
    {
      segments[best] = joined[best]
      segments.remove(at: best + 1)
      joined.remove(at: best)
      if best < joined.count { joined[best] = Self.join(segments[best], segments[best + 1]) }
      if best > 0 { joined[best - 1] = Self.join(segments[best - 1], segments[best]) }
    }
  }

  /// What joining a pair adds to the size.
  private func gain(_ joined: [Segment], _ index: Int) -> Double {
    joined[index].estimate - segments[index].estimate - segments[index + 1].estimate
  }

  private static func join(_ left: Segment, _ right: Segment) -> Segment {
    var counts = left.counts
    for byte in counts.indices { counts[byte] += right.counts[byte] }
    return Segment(
      buckets: left.buckets.lowerBound..<right.buckets.upperBound,
      counts: counts,
      estimate: PlaneCoder.estimate(counts)
    )
  }
}
