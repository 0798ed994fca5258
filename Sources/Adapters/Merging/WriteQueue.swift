internal import Files
internal import Synchronization

/// Finished buffers on their way to the disk.
///
/// A file takes one writer at a time: two that write at once wait for one another in the kernel. So
/// a worker that finds the queue busy keeps its buffer and goes on computing; it waits only when it
/// has as many as it may hold.
final class WriteQueue: Sendable {
  /// The buffers that one worker may hold back.
  static let heldBackLimit = 4

  /// One worker's buffers.
  struct Held: Sendable {
    fileprivate var writes: [Write] = []
    private var spares: [[UInt8]] = []

    /// A buffer to fill, one that was written where there is one.
    mutating func spare() -> [UInt8] { spares.popLast() ?? [] }

    fileprivate mutating func release() {
      spares += writes.map(\.buffer)
      writes.removeAll(keepingCapacity: true)
    }
  }

  fileprivate struct Write: Sendable {
    let buffer: [UInt8]
    let count: Int
    let writer: FileWriter
    let offset: Int
  }

  private let gate = Mutex(())

  /// Takes the first `count` bytes of `buffer` for `offset`, and leaves another buffer in its place.
  func write(
    _ buffer: inout [UInt8], count: Int, to writer: FileWriter, at offset: Int, held: inout Held
  ) throws(FileError) {
    let full = buffer
    buffer = held.spare()
    held.writes.append(Write(buffer: full, count: count, writer: writer, offset: offset))
    let written = gate.withLockIfAvailable { _ in
      Result { () throws(FileError) in try Self.put(held) }
    }
    if let written {
      try written.get()
      held.release()
    } else if held.writes.count >= Self.heldBackLimit {
      try flush(&held)
    }
  }

  /// Writes what a worker has held back.
  func flush(_ held: inout Held) throws(FileError) {
    try gate.withLock { _ throws(FileError) in try Self.put(held) }
    held.release()
  }

  private static func put(_ held: Held) throws(FileError) {
    for write in held.writes {
      try write.writer.write(write.buffer, count: write.count, at: write.offset)
      write.writer.startWriteback(at: write.offset, count: write.count)
    }
  }
}
