internal import Tensors

/// A linear map of one side of a weight, made of block-diagonal matrices: W' = s ∘ (W·Rᵀ) where it
/// acts on inputs, W' = s ∘ (R·W) where it acts on outputs.
///
/// R is the product of the stages, the first one acting first. Orthogonal fine-tuning has one stage,
/// butterfly fine-tuning several, between which the entries change their order. The map is applied
/// whole, not as a difference, and its inverse takes it out again.
public struct Rotation: Sendable {
  /// The stages, in the order in which they act.
  let stages: [Stage]
  /// The side of the weight that is mapped.
  public let side: WeightSide
  /// s, one factor for each output, applied last; nil for none.
  let gain: StoredTensor?
  /// Whether the base stores this weight as `[in, out]`.
  let isFanInFanOut: Bool

  /// One block-diagonal matrix.
  struct Stage: Sendable {
    /// Where the blocks come from.
    let blocks: RotationBlocks
    /// Entry `order[j]` stands at place j while the blocks act; nil where the order stays.
    let order: [Int]?
  }

  init(
    stages: [Stage], side: WeightSide = .inputs, gain: StoredTensor? = nil,
    isFanInFanOut: Bool = false
  ) {
    self.stages = stages
    self.side = side
    self.gain = gain
    self.isFanInFanOut = isFanInFanOut
  }

  /// The tensors it is made of.
  public var tensors: [StoredTensor] {
    var seen: Set<TensorName> = []
    return (stages.map(\.blocks.source) + [gain].compactMap { $0 }).filter {
      seen.insert($0.name).inserted
    }
  }

  /// Whether it is a single block-diagonal matrix, of which a share can be taken.
  var isSingle: Bool { stages.count == 1 && gain == nil }

  /// How it lies in a tensor: the mapped side is divided into blocks, a convolution's kernel being
  /// part of the inputs.
  func fit(to shape: Shape) -> UpdateFit {
    guard shape.rank >= 2 else { return .misfits }
    let (rows, columns) = shape.matrix
    if isFanInFanOut, shape.rank == 2, fits(outputs: columns, inputs: rows) {
      return .fits(isTransposed: true)
    }
    return fits(outputs: rows, inputs: columns) ? .fits(isTransposed: false) : .misfits
  }

  private func fits(outputs: Int, inputs: Int) -> Bool {
    let count = side == .inputs ? inputs : outputs
    return stages.allSatisfy { stage in
      stage.blocks.fits(count) && stage.order?.count ?? count == count
    } && gain.map { $0.shape.elementCount == outputs } ?? true
  }

  /// The extents of a weight that it fits, as far as they are known.
  var naturalShape: Shape {
    let blocks = stages.first.map { Shape([$0.blocks.count, $0.blocks.size, $0.blocks.size]) }
    return (blocks ?? nil) ?? gain?.shape ?? Shape([]) ?? stages[0].blocks.source.shape
  }
}
