public import Tensors

extension TargetParameter {
  /// The parameter that a tensor of a model is, by its name.
  public init(_ name: TensorName) {
    let words = name.text.split(separator: ".", omittingEmptySubsequences: false)
    self.init(
      TargetModule(words.dropLast().joined(separator: ".")), words.last.map(String.init) ?? "")
  }
}
