public import Tensors

/// An update together with the tensor of a base that it changes.
public struct Binding: Sendable {
  /// What the bound tensor is to the base.
  public enum Kind: Hashable, Sendable {
    /// A tensor of the base.
    case existing
    /// The output head of a base that keeps one tensor for head and input embedding; `embedding`
    /// names that tensor.
    case tiedHead(embedding: TensorName)
    /// A tensor the base lacks and the adapter brings whole: a classification head, a bias.
    case new
  }

  /// The update.
  public let update: WeightUpdate
  /// The tensor it changes, by the name it has or will have in the model's files.
  public let tensor: TensorName
  /// What that tensor is to the base.
  public let kind: Kind
  /// Whether the update's product is to be transposed to lie as the base's tensor does; resolves
  /// embeddings and fan-in-fan-out together.
  public let isTransposed: Bool

  /// A bound update.
  public init(update: WeightUpdate, tensor: TensorName, kind: Kind, isTransposed: Bool = false) {
    self.update = update
    self.tensor = tensor
    self.kind = kind
    self.isTransposed = isTransposed
  }
}
