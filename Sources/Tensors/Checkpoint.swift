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
  /// Whether the tensors are computed from quantised ones as they are read.
  public var isDequantised: Bool { shards.contains { $0.format == .dequantised } }
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

  /// The same model with other files in the place of its own, as many of them, and another
  /// configuration: what its tensors stand for, say.
  public func replacing(shards: [TensorFile], config: JSONValue?) -> Checkpoint {
    precondition(shards.count == self.shards.count, "a file for each file")
    var places: [TensorName: Place] = [:]
    for (number, shard) in shards.enumerated() {
      for info in shard.tensors { places[info.name] = Place(shard: number, info: info) }
    }
    return Checkpoint(
      path: path, shards: shards, config: config, index: index, sideFiles: sideFiles,
      places: places)
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
