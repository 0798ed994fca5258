public import Files
public import JSON

/// A model's weights: one or more tensor files read as one.
public struct Checkpoint: Sendable {
  /// Where it was opened: a directory, or a single file.
  public let path: Path
  /// The tensor files, in the order of their names.
  public let shards: [TensorFile]
  /// `config.json`, where there is one beside the weights.
  public let config: JSONValue?
  /// The index of a sharded checkpoint (`*.index.json`), where there is one.
  public let index: ShardIndex?
  /// The names of the files beside the weights and the index, sorted; empty for a single file.
  public let sideFiles: [String]
  private let places: [TensorName: Place]

  /// Where a tensor is: which shard, and where in it.
  public struct Place: Hashable, Sendable {
    /// The shard's position in `shards`.
    public let shard: Int
    /// The tensor in it.
    public let info: TensorInfo

    /// A tensor of a shard.
    public init(shard: Int, info: TensorInfo) {
      self.shard = shard
      self.info = info
    }
  }

  init(
    path: Path, shards: [TensorFile], config: JSONValue?, index: ShardIndex?, sideFiles: [String],
    places: [TensorName: Place]
  ) {
    self.path = path
    self.shards = shards
    self.config = config
    self.index = index
    self.sideFiles = sideFiles
    self.places = places
  }

  /// Where a tensor is; nil where the checkpoint has none of that name.
  public subscript(name: TensorName) -> Place? { places[name] }

  /// All names, sorted.
  public var names: [TensorName] { places.keys.sorted() }

  /// The number of tensors.
  public var tensorCount: Int { places.count }

  /// The bytes of all tensors together.
  public var payloadByteCount: Int {
    shards.reduce(0) { $0 + $1.tensors.reduce(0) { $0 + $1.byteCount } }
  }
}
