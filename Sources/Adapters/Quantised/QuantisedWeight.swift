internal import Files
internal import Tensors

/// A weight that is stored with fewer bits than it is computed with.
///
/// Each element stands for one value of Float, computed by one or two products, each rounded once; the
/// value is then rounded to `dtype`, the type that training computed with: the weight that an adapter
/// was trained beside.
protocol QuantisedWeight: Sendable {
  /// The weight's own name.
  var name: TensorName { get }
  /// The type that training widened it to.
  var dtype: DType { get }
  /// The weight's own extents.
  var shape: Shape { get }

  /// The values of a range of elements, in row-major order. Reads what it needs of the file, no more.
  func values(_ range: Range<Int>) throws(FileError) -> [Float]
}

extension StoredTensor {
  /// A range of the tensor's bytes.
  func octets(_ range: Range<Int>) throws(FileError) -> [UInt8] {
    try file.reader.bytes(at: info.byteOffset + range.lowerBound, count: range.count)
  }

  /// A range of the tensor's elements, which are Floats.
  func floats(_ range: Range<Int>) throws(FileError) -> [Float] {
    let bytes = try octets(range.lowerBound * 4..<range.upperBound * 4)
    return (0..<range.count).map { index in
      Float(
        bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index * 4 + $1]) << (8 * $1) })
    }
  }
}
