internal import Compute
internal import Files
internal import Tensors

/// A weight quantised by MLX: groups of elements of a row share a scale and a bias, and an element is
/// scale · q + bias, a product and a sum in Float, each rounded.
///
/// Codes of `bits` bits lie in 32-bit words without gaps, the first in the lowest bits; each row
/// starts with a word. `[out, in]`.
struct GroupedWeight: QuantisedWeight {
  let name: TensorName
  let shape: Shape
  let codes: StoredTensor
  let scales: StoredTensor
  let biases: StoredTensor
  let bits: Int
  let groupSize: Int
  let form: KernelForm

  var dtype: DType { scales.dtype }

  func values(_ range: Range<Int>) throws(FileError) -> [Float] {
    let columns = shape.matrix.columns
    guard !range.isEmpty, columns > 0 else { return [] }
    let rows = range.lowerBound / columns..<(range.upperBound - 1) / columns + 1
    let rowByteCount = columns * bits / 8
    let first = bit(of: range.lowerBound, columns) / 8
    let last = min(
      (bit(of: range.upperBound - 1, columns) + bits - 1) / 8 + 1, codes.info.byteCount)
    // Two bytes more, so that each code can be read as part of a 16-bit word.
    var bytes = try codes.octets(first..<last)
    bytes += [0, 0]
    let groups = columns / groupSize
    let shared = rows.lowerBound * groups..<rows.upperBound * groups
    let (scales, biases) = (try widened(self.scales, shared), try widened(self.biases, shared))
    return range.map { element in
      let (row, column) = (element / columns, element % columns)
      let place = row * rowByteCount * 8 + column * bits - first * 8
      let word = UInt32(bytes[place / 8]) | UInt32(bytes[place / 8 + 1]) << 8
      let code = word >> UInt32(place % 8) & (1 << UInt32(bits) - 1)
      let group = (row - rows.lowerBound) * groups + column / groupSize
      return scales[group] * Float(code) + biases[group]
    }
  }

  private func bit(of element: Int, _ columns: Int) -> Int {
    element / columns * (columns * bits) + element % columns * bits
  }

  private func widened(_ tensor: StoredTensor, _ range: Range<Int>) throws(FileError) -> [Float] {
    let width = tensor.dtype.elementByteCount
    return Conversion.floats(
      try tensor.octets(range.lowerBound * width..<range.upperBound * width),
      of: tensor.dtype, form: form)
  }
}
