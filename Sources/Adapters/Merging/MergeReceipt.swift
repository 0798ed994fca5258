internal import Compute
public import Digests
public import Files
internal import JSON
public import Tensors

/// What was merged into what: written beside a merged model, and all that unmerging needs to know
/// apart from the adapters and the residual.
public struct MergeReceipt: Sendable {
  /// Its name in the merged model's directory.
  public static let fileName = "adapterctl.receipt.json"

  /// The name under which a merge into a merged model keeps a file of the merge before.
  static func keptName(_ name: String) -> String? {
    name.hasPrefix(ownPrefix) ? ownPrefix + "base." + name.dropFirst(ownPrefix.count) : nil
  }

  /// The name that a kept file gets back when the later merge is taken out.
  static func restoredName(_ name: String) -> String? {
    let prefix = ownPrefix + "base."
    return name.hasPrefix(prefix) ? ownPrefix + name.dropFirst(prefix.count) : nil
  }

  private static let ownPrefix = "adapterctl."

  /// An adapter that was merged.
  public struct Input: Sendable, Hashable {
    /// Its id by content.
    public let id: Digest
    /// Where it was read from, as the user named it. Only a hint.
    public let path: Path
    /// Its weight.
    public let weight: Double
    /// Its method.
    public let method: String
  }

  /// What was done to a tensor.
  public struct Update: Sendable, Hashable {
    /// The adapter's position in `adapters`.
    public let adapter: Int
    /// The target, as the adapter names it.
    public let target: String
    /// The kind of change: `delta`, `magnitude`, `gain`, `rotation`, `replacement` or `rows`.
    public let change: String
    /// Whether the product was transposed.
    public let isTransposed: Bool
  }

  /// A tensor that was computed: changed, new, or of another type than the base's.
  public struct TensorRecord: Sendable {
    /// Its name.
    public let name: TensorName
    /// Whether the base has no tensor of this name.
    public let isNew: Bool
    /// The base's type and extents; nil where the adapter brought it whole.
    public let base: (dtype: DType, shape: Shape)?
    /// The merged tensor's type.
    public let dtype: DType
    /// The merged tensor's extents.
    public let shape: Shape
    /// The ids before and after.
    public let before: TensorID?
    /// The id of the merged tensor.
    public let after: TensorID
    /// What was done, in order.
    public let updates: [Update]
  }

  /// A file of the base's weights.
  public struct BaseShard: Sendable, Hashable {
    /// Its name.
    public let fileName: String
    /// Its header's JSON; nil where the merged model's file of the same name has the same header.
    public let header: String?
  }

  /// The program that merged, with its version.
  public let tool: String
  /// The base's id by content.
  public let baseID: CheckpointID
  /// The merged model's id by content.
  public let mergedID: CheckpointID
  /// The adapters in the order of the sum.
  public let adapters: [Input]
  /// The rounding: `once` or `peft`.
  public let rounding: String
  /// Whether a residual was written.
  public let hasResidual: Bool
  /// The computed tensors, in the order of the output.
  public let tensors: [TensorRecord]
  /// The base's files of weights, in order.
  public let shards: [BaseShard]
  /// The base's other files that the merge changed or left out: name and text, nil for a file that
  /// the base lacks.
  public let files: [String: String?]

  init(
    tool: String, baseID: CheckpointID, mergedID: CheckpointID, adapters: [Input],
    rounding: String, hasResidual: Bool, tensors: [TensorRecord], shards: [BaseShard],
    files: [String: String?]
  ) {
    self.tool = tool
    self.baseID = baseID
    self.mergedID = mergedID
    self.adapters = adapters
    self.rounding = rounding
    self.hasResidual = hasResidual
    self.tensors = tensors
    self.shards = shards
    self.files = files
  }
}
