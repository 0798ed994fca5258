public import Compute

/// Writes the corrections of one tensor, run after run from its first element to its last.
///
/// Corrections are collected across runs until they are worth a block of their own, so the bytes
/// depend on the corrections alone and not on the runs they came in. Memory is bounded by a block
/// of 2^17 corrections and the bytes not yet taken.
public struct ResidualEncoder {
  private let width: ElementWidth
  private let elementCount: Int
  private let planes = PlaneEncoder()
  private var bytes: [UInt8] = []
  /// The number of elements in the runs so far.
  private var position = 0
  /// The number of elements up to and including the last corrected one.
  private var corrected = 0
  /// The gaps and values of the next block, of which the first `pending` are set.
  private var gaps = [UInt64](repeating: 0, count: ResidualFormat.maximumCorrectionCount)
  private var values = [UInt64](repeating: 0, count: ResidualFormat.maximumCorrectionCount)
  private var pending = 0

  /// An encoder for a tensor of `elementCount` elements.
  public init(width: ElementWidth, elementCount: Int) {
    precondition(elementCount >= 0)
    self.width = width
    self.elementCount = elementCount
    bytes += [ResidualFormat.version, width.rawValue]
    bytes.appendVarint(UInt64(elementCount))
  }

  /// Takes the corrections of the elements that follow those taken so far.
  public mutating func append(_ corrections: Corrections) {
    append(
      offsets: corrections.offsets.span,
      values: corrections.values.span,
      elementCount: corrections.elementCount
    )
  }

  /// Takes the corrections of the next `elementCount` elements: the ascending offsets of those that
  /// are corrected, [k], and their corrections, none of them 0, [k].
  public mutating func append(
    offsets: Span<UInt32>,
    values: Span<UInt64>,
    elementCount: Int
  ) {
    precondition(offsets.count == values.count, "one value per offset")
    precondition(elementCount <= self.elementCount - position, "no run beyond the tensor's end")
    var taken = 0
    while taken < offsets.count {
      let end = min(offsets.count, taken + gaps.count - pending)
      for number in taken..<end {
        let offset = Int(offsets[number])
        let index = position + offset
        precondition(index >= corrected && offset < elementCount, "offsets ascend inside the run")
        gaps[pending + number - taken] = UInt64(index - corrected)
        corrected = index + 1
      }
      for number in taken..<end {
        let value = values[number]
        precondition(value != 0 && value <= width.mask, "a correction that fits the width")
        self.values[pending + number - taken] = value
      }
      pending += end - taken
      taken = end
      if pending == gaps.count { appendBlock() }
    }
    position += elementCount
  }

  /// Hands over the bytes finished so far; the next ones follow them.
  public mutating func takeBytes() -> [UInt8] {
    let taken = bytes
    bytes = []
    return taken
  }

  /// Hands over the rest of the bytes, once every element was in a run.
  public mutating func finish() -> [UInt8] {
    precondition(position == elementCount, "every element in a run")
    if pending > 0 { appendBlock() }
    bytes.append(ResidualFormat.endMark)
    return takeBytes()
  }

  /// Writes the collected corrections as whichever block is smaller.
  private mutating func appendBlock() {
    var sparse = [ResidualFormat.sparseMark]
    sparse.appendVarint(UInt64(pending))
    planes.append(gaps.span.extracting(first: pending), to: &sparse)
    planes.append(values.span.extracting(first: pending), to: &sparse)
    let dense = denseBlock()
    if let dense, dense.count < sparse.count { bytes += dense } else { bytes += sparse }
    pending = 0
  }

  /// The dense block of the collected corrections; nil where they are too few for one.
  private func denseBlock() -> [UInt8]? {
    let count = gaps[..<pending].reduce(UInt64(pending), &+)
    guard count <= UInt64(3 * pending) else { return nil }
    var dense = [UInt64](repeating: 0, count: Int(count))
    var next = 0
    for number in 0..<pending {
      next += Int(gaps[number])
      dense[next] = values[number]
      next += 1
    }
    var block = [ResidualFormat.denseMark]
    block.appendVarint(count)
    planes.append(dense.span, to: &block)
    return block
  }
}
