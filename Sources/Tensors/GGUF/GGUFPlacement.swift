public import Files

/// Where a weight, as transformers has it, goes in a GGUF file that is written.
public struct GGUFPlacement: Sendable {
  /// Where llama.cpp's elements of it start in the file.
  let byteOffset: Int
  let order: GGUFOrder
  let matrix: (rows: Int, columns: Int)
  /// Whether 1 is added to it.
  let isShifted: Bool
  /// The same tensor in the file that it was read from; nil where its type is another one.
  let kept: (reader: FileReader, byteOffset: Int, type: GGUFElementType)?

  /// Whether the bytes of an unchanged weight can be taken from the file that it was read from.
  public var isKept: Bool { kept != nil }

  /// Writes the first `count` elements of `bytes`, the first of which is number `start` of the weight.
  public func write(
    _ bytes: [UInt8], from start: Int, count: Int, width: Int, to writer: FileWriter
  ) throws(FileError) {
    var bytes = bytes
    if isShifted { Self.addOne(to: &bytes, count: count) }
    if case .kept = order {
      try writer.write(bytes, count: count * width, at: byteOffset + start * width)
      return
    }
    if case .turned = order {
      try writeTurned(bytes, start..<start + count, width: width, to: writer)
      return
    }
    for run in order.runs(
      of: start..<start + count, rows: matrix.rows, columns: matrix.columns)
    {
      let from = (run.element - start) * width
      try writer.write(
        Array(bytes[from..<from + run.count * width]), at: byteOffset + run.place * width)
    }
  }

  /// Copies as many elements as a range has, as the file has them: all ranges together are all of
  /// the weight.
  public func copy(_ range: Range<Int>, to writer: FileWriter) throws(FileError) {
    guard let kept, !range.isEmpty else { return }
    let block = kept.type.block
    let from = range.lowerBound / block.elementCount * block.byteCount
    let end =
      (range.upperBound + block.elementCount - 1) / block.elementCount * block.byteCount
    try writer.write(
      try kept.reader.bytes(at: kept.byteOffset + from, count: end - from), at: byteOffset + from)
  }

  /// Gathers whole rows of transformers into the runs that they are in the file's rows.
  private func writeTurned(
    _ bytes: [UInt8], _ range: Range<Int>, width: Int, to writer: FileWriter
  ) throws(FileError) {
    let (rows, columns) = matrix
    for column in 0..<columns {
      // The rows whose element of this column is in the range.
      let first = (range.lowerBound - column + columns - 1) / columns
      let last = (range.upperBound - 1 - column) / columns
      guard range.upperBound > column, max(0, first) <= last else { continue }
      var run: [UInt8] = []
      for row in max(0, first)...last {
        let from = (row * columns + column - range.lowerBound) * width
        run += bytes[from..<from + width]
      }
      try writer.write(run, at: byteOffset + (column * rows + max(0, first)) * width)
    }
  }

  private static func addOne(to bytes: inout [UInt8], count: Int) {
    for start in stride(from: 0, to: count * 4, by: 4) {
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
      let shifted = (Float(bitPattern: bits) + 1).bitPattern
      for byte in 0..<4 { bytes[start + byte] = UInt8(truncatingIfNeeded: shifted >> (8 * byte)) }
    }
  }
}
