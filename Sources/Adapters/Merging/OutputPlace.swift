internal import Compute
internal import Files
internal import Tensors

/// Where a tensor of the output is written.
struct OutputPlace: Sendable {
  private let writer: FileWriter
  private let info: TensorInfo
  /// Where its parts go in a GGUF file; nil where its bytes stand together, in their order.
  private let placement: GGUFPlacement?

  /// The places of all tensors of a layout, in its order.
  static func all(of layout: CheckpointLayout, writers: [FileWriter]) -> [OutputPlace] {
    zip(writers, layout.shards).flatMap { writer, shard in
      shard.tensors.enumerated().map { number, info in
        OutputPlace(
          writer: writer, info: info,
          placement: shard.placements.isEmpty ? nil : shard.placements[number])
      }
    }
  }

  /// Writes the first `count` bytes of `buffer`, number `offset` of the tensor's own and those behind
  /// it. `isCopy` says that they are the base's.
  func write(
    _ buffer: inout [UInt8], count: Int, at offset: Int, isCopy: Bool, _ queue: WriteQueue,
    held: inout WriteQueue.Held
  ) throws(FileError) {
    guard let placement else {
      try queue.write(
        &buffer, count: count, to: writer, at: info.byteOffset + offset, held: &held)
      return
    }
    let width = info.dtype.bitWidth / 8
    let elements = offset / width..<(offset + count) / width
    if isCopy, placement.isKept {
      try placement.copy(elements, to: writer)
    } else {
      try placement.write(
        buffer, from: elements.lowerBound, count: elements.count, width: width, to: writer)
    }
  }
}
