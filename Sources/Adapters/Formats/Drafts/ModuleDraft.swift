internal import Tensors

/// A module's low-rank update that is to be written: ΔW = scaling · B · A.
///
/// Shapes are those of `LowRank`: A `[rank, in, k…]`, B `[out, rank, 1…]`, or those of an embedding's
/// transpose.
public struct ModuleDraft: Sendable {
  /// The module.
  public let target: TargetModule
  /// The down-projection.
  public let a: DraftTensor
  /// The up-projection.
  public let b: DraftTensor
  /// The factor in front of the product.
  public let scaling: Double
  /// How the product lies in the weight.
  public let layout: LowRank.Layout
  /// DoRA's magnitudes; nil where the module has none.
  public let magnitude: DraftTensor?
  /// The change of the bias, before scaling (`lora_bias`); nil where there is none.
  public let bias: DraftTensor?

  /// A module whose factors have the same, positive rank.
  public init(
    _ target: TargetModule, a: DraftTensor, b: DraftTensor, scaling: Double,
    layout: LowRank.Layout = .product, magnitude: DraftTensor? = nil, bias: DraftTensor? = nil
  ) {
    precondition(
      a.shape.rank > 1 && b.shape.rank > 1 && a.shape.extents[0] == b.shape.extents[1]
        && a.shape.extents[0] > 0, "two factors of one rank")
    self.target = target
    self.a = a
    self.b = b
    self.scaling = scaling
    self.layout = layout
    self.magnitude = magnitude
    self.bias = bias
  }

  /// The inner extent of the product.
  public var rank: Int { a.shape.extents[0] }

  /// Whether both factors lie in a file as they are, so that they can be kept to the bit.
  var isStored: Bool {
    [a, b].allSatisfy { tensor in
      if case .stored = tensor.content { return true }
      return false
    }
  }

  /// The tensors it is made of.
  var tensors: [DraftTensor] { [a, b] + [magnitude, bias].compactMap { $0 } }

  /// The same with other factors, as far as its magnitudes and its bias go: those stay.
  public func replacing(a: DraftTensor, b: DraftTensor) -> ModuleDraft {
    ModuleDraft(
      target, a: a, b: b, scaling: scaling, layout: layout, magnitude: magnitude, bias: bias)
  }
}
