internal import Files
internal import Tensors

/// A weight of 4 bits an element by bitsandbytes: NF4 and FP4, with plain or doubly quantised block
/// scales (QLoRA, arXiv 2305.14314).
///
/// Two elements a byte, the first in the high half, over the whole matrix row by row; blocks of
/// `blockSize` elements cross the ends of rows. An element is map[code] · absmax[block] in Float,
/// with absmax[b] = nestedMap[q[b]] · nestedAbsmax[b / nestedBlockSize] + offset where the scales are
/// quantised themselves.
struct FourBitWeight: QuantisedWeight {
  /// The scales of the blocks of scales.
  struct Nested: Sendable {
    let absmax: StoredTensor
    let map: [Float]
    let blockSize: Int
    let offset: Float
  }

  let name: TensorName
  let dtype: DType
  let shape: Shape
  /// Where the codes are, whatever type they are stored under.
  let codes: StoredTensor
  /// One value for each code, 16 of them.
  let map: [Float]
  /// A Float for each block, or a byte where they are quantised themselves.
  let absmax: StoredTensor
  let blockSize: Int
  let nested: Nested?

  func values(_ range: Range<Int>) throws(FileError) -> [Float] {
    guard !range.isEmpty else { return [] }
    let first = range.lowerBound / 2
    let bytes = try codes.octets(first..<(range.upperBound + 1) / 2)
    let blocks = range.lowerBound / blockSize..<(range.upperBound - 1) / blockSize + 1
    let scales = try scales(blocks)
    return range.map { element in
      let byte = bytes[element / 2 - first]
      let code = element % 2 == 0 ? byte >> 4 : byte & 15
      return map[Int(code)] * scales[element / blockSize - blocks.lowerBound]
    }
  }

  private func scales(_ blocks: Range<Int>) throws(FileError) -> [Float] {
    guard let nested else { return try absmax.floats(blocks) }
    let codes = try absmax.octets(blocks)
    let groups =
      blocks.lowerBound / nested.blockSize..<(blocks.upperBound - 1) / nested.blockSize + 1
    let outer = try nested.absmax.floats(groups)
    return blocks.map { block in
      let product =
        nested.map[Int(codes[block - blocks.lowerBound])]
        * outer[block / nested.blockSize - groups.lowerBound]
      return product + nested.offset
    }
  }
}
