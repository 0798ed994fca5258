public import Compute
public import Tensors

/// What a merged model was found to be, tensor by tensor, against its base and adapters.
public struct VerificationReport: Sendable {
  /// What one tensor was found to be.
  public enum Verdict: Sendable, Hashable {
    /// Every element is the one that one rounding gives.
    case exact
    /// Every element lies within the tolerance of it.
    case within(ulps: UInt64)
    /// Every element lies within the tolerance of another tool's rounding.
    case explained(by: ExplainedRounding)
    /// An adapter changes it and the merged model has the base's values.
    case unchanged
    /// The change is the adapter's, times this factor.
    case scaled(by: Double)
    /// Elements are off and nothing explains them.
    case wrong
    /// The merged model lacks it.
    case missing
    /// The merged model has it in another shape.
    case misshapen(Shape)
    /// Nothing was to change it and it is not the base's.
    case altered
    /// The merged model has it and neither base nor adapters do.
    case unexpected
  }

  /// The roundings of other tools that are known.
  public enum ExplainedRounding: String, Sendable, Hashable {
    /// The product's terms were summed in another order in single precision, as BLAS libraries do.
    case otherOrder = "summed in another order"
    /// The delta was rounded to the output's type before it was added: PEFT's `safe_merge`, and
    /// PEFT with 16-bit adapters.
    case deltaRoundedToOutput = "delta rounded to the output's type first"
    /// The delta was rounded to the adapter's type before it was added.
    case deltaRoundedToAdapter = "delta rounded to the adapter's type first"
    /// The adapters were added one after the other, the sum rounded each time: PEFT's
    /// `merge_and_unload` of several adapters.
    case oneAfterAnother = "adapters added one after the other"
    /// As `oneAfterAnother`, with each delta rounded to the output's type first: PEFT's
    /// `safe_merge` of several adapters.
    case oneAfterAnotherRounded = "adapters added one after the other, each delta rounded first"
  }

  /// One tensor's result.
  public struct Finding: Sendable {
    /// The tensor.
    public let name: TensorName
    /// What it was found to be.
    public let verdict: Verdict
    /// How far its elements lie from what one rounding gives.
    public let distance: Distance
    /// Whether an adapter changes it.
    public let isTouched: Bool
  }

  /// The largest distance that counts as right.
  public let tolerance: UInt64
  /// Every tensor, in the order of the plan.
  public let findings: [Finding]

  /// The tensors that are not what they should be.
  public var failures: [Finding] { findings.filter { !$0.verdict.isRight } }
  /// Whether every tensor is what it should be.
  public var isRight: Bool { failures.isEmpty }
}

extension VerificationReport.Verdict {
  /// Whether the tensor is what it should be.
  public var isRight: Bool {
    switch self {
    case .exact, .within, .explained: return true
    case .unchanged, .scaled, .wrong, .missing, .misshapen, .altered, .unexpected: return false
    }
  }
}
