internal import Digests
internal import Synchronization

/// Chunks that were just read or written, as parents of what comes next: without it, a series would
/// decode the chain of each parent again.
///
/// It holds at most `limit` bytes of chunks. A child takes the place of its parent, as a series goes
/// on from there. Where there is no room, chunks are dropped at random: a series that is larger than
/// the cache would otherwise always drop what it needs next.
final class ChunkCache: Sendable {
  fileprivate struct State: Sendable {
    var chunks: [Digest: (bytes: [UInt8], place: Int)] = [:]
    var order: [Digest] = []
    var byteCount = 0
    var seed: UInt64 = 1
  }

  private let limit: Int
  private let state = Mutex(State())

  /// An empty cache.
  init(limit: Int) { self.limit = limit }

  /// The bytes of all chunks that are held.
  var byteCount: Int { state.withLock { $0.byteCount } }

  /// A chunk, if it is held.
  func chunk(_ digest: Digest) -> [UInt8]? { state.withLock { $0.chunks[digest]?.bytes } }

  /// Holds a chunk that has this digest, which the caller has compared, and no longer its parent.
  func insert(_ bytes: [UInt8], of digest: Digest, inPlaceOf parent: Digest?) {
    guard bytes.count <= limit else { return }
    state.withLock { state in
      if let parent { state.remove(parent) }
      guard state.chunks[digest] == nil else { return }
      while state.byteCount + bytes.count > limit { state.removeAny() }
      state.chunks[digest] = (bytes, state.order.count)
      state.order.append(digest)
      state.byteCount += bytes.count
    }
  }
}

extension ChunkCache.State {
  fileprivate mutating func removeAny() {
    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    remove(order[Int(seed >> 33) % order.count])
  }

  fileprivate mutating func remove(_ digest: Digest) {
    guard let (bytes, place) = chunks.removeValue(forKey: digest) else { return }
    byteCount -= bytes.count
    let last = order.removeLast()
    guard last != digest else { return }
    order[place] = last
    chunks[last]?.place = place
  }
}
