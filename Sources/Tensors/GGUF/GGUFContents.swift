internal import Files

/// A GGUF model read as transformers has its weights: one behind the other, each put in order where
/// it is read, none kept.
struct GGUFContents: ComputedContents {
  private let model: GGUFModel
  /// Where each weight starts, and the end.
  private let starts: [Int]
  /// The weights as they are read.
  let tensors: [TensorInfo]

  var byteCount: Int { starts.last ?? 0 }

  init(_ model: GGUFModel) {
    self.model = model
    var (starts, tensors): ([Int], [TensorInfo]) = ([0], [])
    for part in model.parts {
      let dtype = model.dtype(of: part)
      let count = part.shape.byteCount(of: dtype) ?? 0
      let start = starts[starts.count - 1]
      tensors.append(
        TensorInfo(
          name: part.name, dtype: dtype, shape: part.shape, byteOffset: start, byteCount: count))
      starts.append(start + count)
    }
    (self.starts, self.tensors) = (starts, tensors)
  }

  func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    var number = firstPart(endingBehind: range.lowerBound)
    while number < tensors.count, starts[number] < range.upperBound {
      let own = (starts[number]..<starts[number + 1]).clamped(to: range)
      if !own.isEmpty {
        let start = starts[number]
        try append(
          own.lowerBound - start..<own.upperBound - start, of: model.parts[number],
          width: tensors[number].dtype.bitWidth / 8, to: &bytes)
      }
      number += 1
    }
    return bytes
  }

  private func firstPart(endingBehind offset: Int) -> Int {
    var (low, high) = (0, tensors.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle + 1] > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Appends bytes of a weight; elements at the ends are read whole.
  private func append(
    _ range: Range<Int>, of part: GGUFModel.Part, width: Int, to bytes: inout [UInt8]
  ) throws(FileError) {
    let elements = range.lowerBound / width..<(range.upperBound + width - 1) / width
    var own = try ordered(elements, of: part, width: width)
    if part.isShifted { Self.takeOne(from: &own) }
    let from = range.lowerBound - elements.lowerBound * width
    bytes += own[from..<from + range.count]
  }

  private func ordered(
    _ elements: Range<Int>, of part: GGUFModel.Part, width: Int
  ) throws(FileError) -> [UInt8] {
    let (rows, columns) = part.matrix
    let places = part.order.places(of: elements, rows: rows, columns: columns)
    let stored = try stored(
      part.start + places.lowerBound..<part.start + places.upperBound, of: part, width: width)
    if case .kept = part.order { return stored }
    var bytes = [UInt8](repeating: 0, count: elements.count * width)
    for run in part.order.runs(of: elements, rows: rows, columns: columns) {
      let from = (run.place - places.lowerBound) * width
      let to = (run.element - elements.lowerBound) * width
      for index in 0..<run.count * width { bytes[to + index] = stored[from + index] }
    }
    return bytes
  }

  /// Neighbouring elements as the file has them, those of blocks computed.
  private func stored(
    _ elements: Range<Int>, of part: GGUFModel.Part, width: Int
  ) throws(FileError) -> [UInt8] {
    let tensor = model.header.tensors[part.tensor]
    guard tensor.dtype == nil else {
      return try model.reader.bytes(
        at: tensor.byteOffset + elements.lowerBound * width, count: elements.count * width)
    }
    let size = Q8Block.elementCount
    let blocks = elements.lowerBound / size..<(elements.upperBound + size - 1) / size
    let bytes = try model.reader.bytes(
      at: tensor.byteOffset + blocks.lowerBound * Q8Block.byteCount,
      count: blocks.count * Q8Block.byteCount)
    let from = (elements.lowerBound - blocks.lowerBound * size) * width
    return Array(Q8Block.floats(bytes)[from..<from + elements.count * width])
  }

  /// Takes 1 from numbers of single precision.
  private static func takeOne(from bytes: inout [UInt8]) {
    for start in stride(from: 0, to: bytes.count, by: 4) {
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
      let shifted = (Float(bitPattern: bits) - 1).bitPattern
      for byte in 0..<4 { bytes[start + byte] = UInt8(truncatingIfNeeded: shifted >> (8 * byte)) }
    }
  }
}
