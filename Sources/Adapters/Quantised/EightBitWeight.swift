internal import Files
internal import Tensors

/// A weight of 8 bits an element by bitsandbytes (LLM.int8, arXiv 2208.07339): an element of row i is
/// q · scale[i] · (1/127), `[out, in]`, the products in this order, 1/127 rounded to Float.
struct EightBitWeight: QuantisedWeight {
  let name: TensorName
  let dtype: DType
  /// The signed bytes.
  let codes: StoredTensor
  /// A Float for each row: the largest magnitude in it.
  let scales: StoredTensor

  var shape: Shape { codes.shape }

  func values(_ range: Range<Int>) throws(FileError) -> [Float] {
    let columns = shape.matrix.columns
    guard !range.isEmpty, columns > 0 else { return [] }
    let bytes = try codes.octets(range)
    let rows = range.lowerBound / columns..<(range.upperBound - 1) / columns + 1
    let scales = try scales.floats(rows)
    return range.map { element in
      let code = Float(Int8(bitPattern: bytes[element - range.lowerBound]))
      return code * scales[element / columns - rows.lowerBound] * (1 / 127 as Float)
    }
  }
}
