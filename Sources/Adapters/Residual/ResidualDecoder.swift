public import Compute

/// Reads the corrections of one tensor, run after run from its first element to its last.
///
/// The runs may be of any size, whatever they were when the corrections were written. Memory is
/// bounded by one block, a few megabytes, and the run asked for, whatever the bytes say. Bytes that
/// break the format are refused; bytes that keep it and are wrong are found by the digest of the
/// restored tensor.
public struct ResidualDecoder {
  private let width: ElementWidth
  private let elementCount: Int
  private var reader: ResidualReader
  /// The number of elements in the runs so far.
  private var position = 0
  /// The number of elements in the blocks so far.
  private var covered = 0
  private var hasEnded = false
  /// The corrections of the current block: the elements' indices in the tensor and their values.
  private var indices: [Int] = []
  private var values: [UInt64] = []
  /// How many of them were handed out.
  private var used = 0

  /// A decoder for the corrections of a tensor of `elementCount` elements; throws where the bytes
  /// are those of another tensor.
  public init(
    _ bytes: [UInt8],
    width: ElementWidth,
    elementCount: Int
  ) throws(ResidualError) {
    precondition(elementCount >= 0)
    self.width = width
    self.elementCount = elementCount
    reader = ResidualReader(bytes)
    let version = try reader.byte()
    guard version == ResidualFormat.version else {
      throw .malformed(rule: "are of the unknown version \(version)")
    }
    let foundWidth = try reader.byte()
    let foundCount = try reader.varint()
    guard foundWidth == width.rawValue, foundCount == UInt64(elementCount) else {
      throw .otherTensor(elementCount: foundCount, bytesPerElement: foundWidth)
    }
  }

  /// The corrections of the next `count` elements.
  ///
  /// The run that reaches the tensor's end also checks that the bytes end there.
  public mutating func corrections(
    ofNext count: Int
  ) throws(ResidualError) -> Corrections {
    precondition((0...elementCount - position).contains(count), "no run beyond the tensor's end")
    precondition(count <= Int(UInt32.max), "offsets have 32 bits")
    var corrections = Corrections(elementCount: count)
    let end = position + count
    while true {
      while used < indices.count, indices[used] < end {
        corrections.offsets.append(UInt32(indices[used] - position))
        corrections.values.append(values[used])
        used += 1
      }
      if used < indices.count || hasEnded || (covered >= end && end < elementCount) { break }
      try readBlock()
    }
    position = end
    return corrections
  }

  /// Replaces the current block, all of which was handed out, by the next one.
  private mutating func readBlock() throws(ResidualError) {
    indices.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    used = 0
    switch try reader.byte() {
    case ResidualFormat.endMark:
      guard reader.isAtEnd else { throw .malformed(rule: "go on after their end") }
      hasEnded = true
    case ResidualFormat.sparseMark: try readSparseBlock()
    case ResidualFormat.denseMark: try readDenseBlock()
    case let mark: throw .malformed(rule: "have a block of the unknown kind \(mark)")
    }
  }

  private mutating func readSparseBlock() throws(ResidualError) {
    let most = min(ResidualFormat.maximumCorrectionCount, elementCount - covered)
    let count = try blockCount(most: most)
    let gaps = try reader.numbers(count, width: 8)
    values = try reader.numbers(count, width: Int(width.rawValue))
    indices.reserveCapacity(count)
    for number in 0..<count {
      guard gaps[number] < UInt64(elementCount - covered) else {
        throw .malformed(rule: "go beyond the tensor's end")
      }
      guard values[number] != 0 else { throw .malformed(rule: "have one that corrects nothing") }
      let index = covered + Int(gaps[number])
      indices.append(index)
      covered = index + 1
    }
  }

  private mutating func readDenseBlock() throws(ResidualError) {
    let most = min(ResidualFormat.maximumDenseCount, elementCount - covered)
    let count = try blockCount(most: most)
    let dense = try reader.numbers(count, width: Int(width.rawValue))
    for offset in 0..<count where dense[offset] != 0 {
      indices.append(covered + offset)
      values.append(dense[offset])
    }
    covered += count
  }

  private mutating func blockCount(most: Int) throws(ResidualError) -> Int {
    guard most > 0 else { throw .malformed(rule: "have a block after the tensor's end") }
    return try reader.count(in: 1...most, rule: "have a block of an impossible size")
  }
}
