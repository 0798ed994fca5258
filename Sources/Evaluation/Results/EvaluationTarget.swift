public import Adapters
public import Digests
internal import JSON
public import Tensors

/// A model that is judged: a base, a base with adapters, or a model of its own.
public struct EvaluationTarget: Sendable {
  /// How the weights come about.
  public enum Form: String, Sendable {
    /// The base itself: what the others are compared with.
    case base
    /// The base with adapters beside its weights.
    case unmerged
    /// Weights of their own: merged, or fine-tuned.
    case model
  }

  /// The name under which it is shown.
  public let name: String
  /// The weights.
  public let model: AdaptedModel
  /// How they come about.
  public let form: Form
  /// The adapters, each with its weight.
  public let adapters: [WeightedAdapter]

  /// The base.
  public init(base: Checkpoint, name: String) {
    self.name = name
    model = AdaptedModel(base: base)
    form = .base
    adapters = []
  }

  /// A model of its own.
  public init(model: Checkpoint, name: String) {
    self.name = name
    self.model = AdaptedModel(base: model)
    form = .model
    adapters = []
  }

  /// The base with adapters; throws where they do not fit it.
  public init(
    base: Checkpoint, adapters: [WeightedAdapter], name: String
  ) throws(EvaluationError) {
    self.name = name
    do { model = try AdaptedModel(base: base, adapters: adapters) } catch { throw .adapter(error) }
    form = .unmerged
    self.adapters = adapters
  }

  /// The digests of what the target is made of: its weights and its configuration, and each
  /// adapter.
  func identity(execution: Execution) throws(EvaluationError) -> TargetIdentity {
    do {
      let files = model.base.shards
      let ids = try TensorDigests.ids(of: files, execution: execution)
      var tensors: [TensorName: TensorID] = [:]
      for (file, row) in zip(files, ids) {
        for (info, id) in zip(file.tensors, row) { tensors[info.name] = id }
      }
      var own: [Digest] = []
      for adapter in adapters { own.append(try adapter.adapter.id(execution: execution)) }
      let configuration = model.base.config?.text() ?? ""
      return TargetIdentity(
        weights: CheckpointID(tensors), configuration: BLAKE3.digest(of: Array(configuration.utf8)),
        adapters: own)
    } catch { throw .adapter(error) }
  }
}

/// What a target is made of, by content.
public struct TargetIdentity: Hashable, Sendable {
  /// The weights of the base, or of the model itself.
  public let weights: CheckpointID
  /// The digest of the configuration, written without white space.
  public let configuration: Digest
  /// The adapters.
  public let adapters: [Digest]
}
