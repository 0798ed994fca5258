public import Compute
public import Tensors

/// What an extraction made of one module that the fine-tune changed.
public struct ExtractedModule: Sendable {
  /// How a module's change is stored.
  public enum Kind: Sendable {
    /// Two factors: their rank, what they hold and what they miss.
    case factors(ExtractedFactors)
    /// The module's tensors, whole, exactly as the fine-tuned model has them.
    case whole
    /// A bias, whole, of a module whose weight is not.
    case bias
  }

  /// The module, as the base names it.
  public let module: TargetModule
  /// How its change is stored.
  public let kind: Kind
  /// The base's tensors that it is about.
  public let tensors: [TensorName]
  /// The trained numbers that are stored.
  public let parameterCount: Int
}

/// The change of a matrix as two factors, and what is certain of it.
public struct ExtractedFactors: Sendable {
  /// The rank; 0 where the rule keeps nothing, and then nothing is stored.
  public let rank: Int
  /// The type of the factors.
  public let dtype: DType
  /// ‖Δ‖_F of the whole change.
  public let norm: Double
  /// ‖W_base‖_F
  public let baseNorm: Double
  /// What is known of the largest singular values of Δ, as many as are kept.
  public let values: [Double]
  /// What the factors, as they are stored, miss of Δ.
  public let error: ApproximationError

  /// The share of ‖Δ‖_F² that is stored, at the least: 1 − ‖E‖_F² / ‖Δ‖_F².
  public var energy: Double {
    norm > 0 ? max(0, 1 - error.frobeniusBound * error.frobeniusBound / (norm * norm)) : 1
  }
}
