public import Tensors

/// An adapter and how much of it is merged.
public struct WeightedAdapter: Sendable {
  /// The adapter.
  public let adapter: Adapter
  /// The factor in front of its updates, on top of its own scaling.
  public let weight: Double

  /// An adapter with its weight.
  public init(_ adapter: Adapter, weight: Double = 1) {
    self.adapter = adapter
    self.weight = weight
  }
}

/// What a merge may be told, apart from base and adapters.
public struct MergeOptions: Sendable {
  /// How the sum is rounded.
  public enum Rounding: String, Sendable {
    /// Once, to nearest even.
    case once
    /// As PEFT rounds where it differs: the delta first, to the adapter's own 16-bit type or, for
    /// embeddings, to the base's, then the sum.
    case peft
  }

  /// What becomes of an output head that shares its tensor with the input embedding when an
  /// adapter changes one of the two.
  public enum TiedEmbeddings: String, Sendable, CaseIterable {
    /// The head gets a tensor of its own, as the adapter was trained.
    case untie
    /// The shared tensor changes, and with it the other side.
    case share
  }

  /// The containers that models are written in.
  public enum Container: String, Sendable, CaseIterable {
    /// Files of safetensors, under transformers' names.
    case safetensors
    /// One GGUF file, with all that the base's says besides its weights.
    case gguf
  }

  /// The container of the output; nil takes the base's where it is a GGUF file, else safetensors.
  public var container: Container?
  /// The type of every floating-point tensor of the output; nil keeps each tensor's own.
  public var dtype: DType?
  /// How the sum is rounded.
  public var rounding = Rounding.once
  /// What becomes of tied embeddings.
  public var tied = TiedEmbeddings.untie
  /// Whether targets that the base lacks are left out instead of stopping the merge.
  public var allowsUnmatched = false
  /// The most bytes of one output file; nil keeps the base's sharding.
  public var maxShardByteCount: Int?
  /// Which of the base's tensors may change.
  public var filter = NameFilter()
  /// Whether the correction that makes unmerging bit-exact is written.
  public var writesResidual = true
  /// Whether digests are taken and a receipt is written.
  public var writesReceipt = true
  /// The least share of the intended change that must be stored; nil asks for none.
  public var minSurvival: Double?
  /// Whether a merge that changes no stored element may succeed.
  public var allowsUnchanged = false

  /// One rounding, everything kept, nothing left out.
  public init() {}
}
