internal import Compute
internal import Files
internal import Tensors

/// A file of quantised weights, read as the weights they stand for: one tensor behind the other, each
/// computed where it is read, none kept.
struct DequantisedFile: ComputedContents {
  /// What stands at a place of the computed file.
  private enum Content {
    /// A tensor that is not quantised, at its place in the real file.
    case plain(offset: Int)
    case quantised(any QuantisedWeight)
  }

  private struct Segment {
    let content: Content
    let bytes: Range<Int>
  }

  private let reader: FileReader
  private let form: KernelForm
  private let segments: [Segment]
  /// The tensors as they are read.
  let tensors: [TensorInfo]
  let byteCount: Int

  /// The elements that are computed at a time.
  private static let step = 1 << 16

  /// Lays out a file's tensors: the quantised ones widened, those that `hidden` names, which only
  /// say how, left out, the others as they are.
  init(
    _ file: TensorFile, weights: [TensorName: any QuantisedWeight], hidden: Set<TensorName>,
    form: KernelForm
  ) {
    reader = file.reader
    self.form = form
    var (segments, tensors, end): ([Segment], [TensorInfo], Int) = ([], [], 0)
    for info in file.tensors where !hidden.contains(info.name) {
      let weight = weights[info.name]
      let (dtype, shape) = (weight?.dtype ?? info.dtype, weight?.shape ?? info.shape)
      let count = weight == nil ? info.byteCount : shape.byteCount(of: dtype) ?? 0
      tensors.append(
        TensorInfo(
          name: info.name, dtype: dtype, shape: shape, byteOffset: end, byteCount: count,
          strides: info.strides))
      segments.append(
        Segment(
          content: weight.map { .quantised($0) } ?? .plain(offset: info.byteOffset),
          bytes: end..<end + count))
      end += count
    }
    (self.segments, self.tensors, byteCount) = (segments, tensors, end)
  }

  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for segment in segments where segment.bytes.overlaps(range) {
      let part = segment.bytes.clamped(to: range)
      let start = part.lowerBound - segment.bytes.lowerBound
      switch segment.content {
      case .plain(let place): bytes += try reader.bytes(at: place + start, count: part.count)
      case .quantised(let weight):
        try append(start..<start + part.count, of: weight, to: &bytes)
      }
    }
    return bytes
  }

  /// Computes bytes of a weight; elements at the ends are computed whole.
  private func append(
    _ range: Range<Int>, of weight: any QuantisedWeight, to bytes: inout [UInt8]
  ) throws(FileError) {
    let width = weight.dtype.elementByteCount
    let elements = range.lowerBound / width..<(range.upperBound + width - 1) / width
    for start in stride(from: elements.lowerBound, to: elements.upperBound, by: Self.step) {
      let part = start..<min(start + Self.step, elements.upperBound)
      let computed = Conversion.bytes(try weight.values(part), as: weight.dtype, form: form)
      let wanted = range.clamped(to: part.lowerBound * width..<part.upperBound * width)
      bytes +=
        computed[
          wanted.lowerBound - part.lowerBound * width..<wanted.upperBound - part.lowerBound * width]
    }
  }
}
