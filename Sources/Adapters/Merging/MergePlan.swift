internal import Files
public import JSON
public import Tensors

/// Everything a merge will do, settled before the first byte is written.
public struct MergePlan: Sendable {
  /// The base.
  public let base: Checkpoint
  /// The adapters, in the order in which their deltas are summed.
  public let adapters: [WeightedAdapter]
  /// What the merge was told.
  public let options: MergeOptions
  /// The output's files and the place of every tensor.
  public let layout: CheckpointLayout
  /// The tensors of each file, in file order.
  public let shards: [[PlannedTensor]]
  /// `config.json` with what the merge makes untrue put right; nil where it stays as it is.
  public let editedConfig: JSONValue?
  /// The side files that are copied as they are.
  public let copiedFiles: [String]
  /// Targets that were left out, when that was allowed.
  public let unmatched: [UnmatchedTarget]
  /// Things the user should know and that stop nothing, as whole sentences.
  public let notes: [String]

  /// All tensors of the output, in the order in which they are written.
  public var tensors: [PlannedTensor] { shards.flatMap { $0 } }
  /// The tensors that change or are new.
  public var touched: [PlannedTensor] { tensors.filter { !$0.contributions.isEmpty } }

  /// The bytes the output will need on the disk, the residual not counted.
  public var outputByteCount: Int { layout.byteCount + sideByteCount }

  /// The bytes to be free before the merge starts: the output with its receipt, and the largest
  /// residual that is to be expected.
  public var neededByteCount: Int {
    guard options.writesReceipt else { return outputByteCount }
    let receipt = tensors.reduce(4 << 10) { $0 + ($1.isComputed ? 1 << 10 : 0) }
    guard options.writesResidual else { return outputByteCount + receipt }
    return outputByteCount + receipt + tensors.reduce(0) { $0 + $1.residualByteCount }
  }

  var sideByteCount: Int {
    copiedFiles.reduce(0) { sum, name in
      guard case .file(let count) = base.path.appending(name).kind else { return sum }
      return sum + count
    }
  }
}

/// A tensor of the output.
public struct PlannedTensor: Sendable {
  /// Its name.
  public let name: TensorName
  /// The base's tensor it is made from; nil where the adapter brings it whole.
  public let source: Checkpoint.Place?
  /// Whether the base has it under this name; a head that is untied has a source and is new.
  public let isNew: Bool
  /// The output's type.
  public let dtype: DType
  /// The output's extents.
  public let shape: Shape
  /// What the adapters do to it, in the order in which it is done; empty where it is copied.
  public let contributions: [Contribution]

  /// The most bytes of corrections to be expected: 3 bits an element where a delta is added, the
  /// base's own where it is replaced, mapped or stored with fewer bits.
  var residualByteCount: Int {
    guard isCorrected, let base = source?.info else { return 0 }
    let keepsBits = dtype == base.dtype || dtype.bitWidth > base.dtype.bitWidth
    if isSubstituted || !keepsBits || rotation != nil { return base.byteCount }
    return contributions.isEmpty ? 0 : base.shape.elementCount * 3 / 8
  }

  /// One adapter's update of the tensor.
  public struct Contribution: Sendable {
    /// The adapter's position in the plan.
    public let adapter: Int
    /// The adapter's weight.
    public let weight: Double
    /// The update.
    public let update: WeightUpdate
    /// Whether the update's product is transposed to lie as the tensor does.
    public let isTransposed: Bool
  }
}
