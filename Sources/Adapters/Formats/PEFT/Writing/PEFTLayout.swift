internal import Tensors

/// The tensors of a draft under the names that PEFT loads them by.
struct PEFTLayout {
  /// A tensor under its name.
  typealias Entry = (name: TensorName, tensor: DraftTensor)

  /// The tensors in the order of safetensors' own writer: larger elements first, then by name.
  let entries: [Entry]
  /// The file's header.
  let header: SafetensorsHeader

  init(_ draft: AdapterDraft) {
    var entries: [Entry] = []
    for module in draft.modules {
      let path = Self.prefix + module.target.path
      let (a, b) =
        module.layout == .transposed
        ? ("lora_embedding_A", "lora_embedding_B") : ("lora_A.weight", "lora_B.weight")
      entries.append((TensorName("\(path).\(a)"), module.a))
      entries.append((TensorName("\(path).\(b)"), module.b))
      if let magnitude = module.magnitude {
        entries.append((TensorName("\(path).lora_magnitude_vector"), magnitude))
      }
      if let bias = module.bias { entries.append((TensorName("\(path).lora_B.bias"), bias)) }
    }
    let adapted = Set(draft.modules.map(\.target))
    for update in draft.carried {
      guard let tensor = update.tensors.first else { continue }
      entries.append((Self.name(of: update, adapted), DraftTensor(tensor)))
    }
    entries.sort {
      let (left, right) = ($0.tensor.dtype.bitWidth, $1.tensor.dtype.bitWidth)
      return left == right ? $0.name < $1.name : left > right
    }
    self.entries = entries
    header = SafetensorsHeader(
      entries.map { .init(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape) },
      metadata: [("format", "pt")])
  }

  private static let prefix = "base_model.model."

  /// A tensor that is given whole: one of an adapted layer stands under the layer that PEFT wraps.
  private static func name(
    of update: WeightUpdate, _ adapted: Set<TargetModule>
  ) -> TensorName {
    let module = update.target.module
    if case .rows = update.change {
      return TensorName("\(prefix)\(module.path).token_adapter.trainable_tokens_delta")
    }
    let parameter =
      adapted.contains(module) ? "base_layer.\(update.target.parameter)" : update.target.parameter
    return TensorName(prefix + TargetParameter(module, parameter).description)
  }
}
