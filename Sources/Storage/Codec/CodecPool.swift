internal import Synchronization

/// Codecs that nobody uses at the moment, with their working memory: never more than threads worked
/// at once, each of less than 16 MiB.
final class CodecPool: Sendable {
  // Unchecked: a codec is either here or in the hands of one thread.
  private struct Idle: @unchecked Sendable { let codec: ChunkCodec }

  private let idle = Mutex<[Idle]>([])

  /// A codec for one thread, until it is given back.
  func take() -> ChunkCodec { idle.withLock { $0.popLast() }?.codec ?? ChunkCodec() }

  /// Keeps a codec for the next one who needs it.
  func giveBack(_ codec: ChunkCodec) {
    let codec = Idle(codec: codec)
    idle.withLock { $0.append(codec) }
  }
}
