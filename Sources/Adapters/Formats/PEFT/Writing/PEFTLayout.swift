internal import JSON
internal import Tensors

/// The tensors of a draft under the names that PEFT loads them by.
struct PEFTLayout {
  /// A tensor under its name.
  typealias Entry = DraftTensor.Named

  /// The tensors in the order of safetensors' own writer: larger elements first, then by name.
  let entries: [Entry]
  /// The file's header.
  let header: SafetensorsHeader

  init(_ draft: AdapterDraft) {
    let all = draft.modules.flatMap(Self.entries) + Self.carried(by: draft, beside: draft.modules)
    entries = all.sorted {
      let (left, right) = ($0.tensor.dtype.bitWidth, $1.tensor.dtype.bitWidth)
      return left == right ? $0.name < $1.name : left > right
    }
    header = SafetensorsHeader(
      entries.map { .init(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape) },
      metadata: [("format", "pt")])
  }

  /// The tensors that a draft carries along, beside the given modules.
  static func carried(by draft: AdapterDraft, beside modules: [ModuleDraft]) -> [Entry] {
    let adapted = Set(modules.map(\.target))
    return draft.carried.compactMap { update in
      update.tensors.first.map { (name(of: update, adapted), DraftTensor($0)) }
    }
  }

  /// The tensors of a module under their names.
  static func entries(of module: ModuleDraft) -> [Entry] {
    let path = prefix + module.target.path
    let names = names(of: module.target, module.layout)
    var entries: [Entry] = [(names[0], module.a), (names[1], module.b)]
    if let magnitude = module.magnitude {
      entries.append((TensorName("\(path).lora_magnitude_vector"), magnitude))
    }
    if let bias = module.bias { entries.append((TensorName("\(path).lora_B.bias"), bias)) }
    return entries
  }

  /// The names of A and B.
  static func names(of module: TargetModule, _ layout: LowRank.Layout) -> [TensorName] {
    let parts =
      layout == .transposed
      ? ["lora_embedding_A", "lora_embedding_B"] : ["lora_A.weight", "lora_B.weight"]
    return parts.map { TensorName("\(prefix)\(module.path).\($0)") }
  }

  /// What a tensor's name, type, extents and place take in the header, at most, in a file whose
  /// offsets are no larger than `largest`.
  static func headerByteCount(of name: TensorName, extents: [Int], offsets largest: Int) -> Int {
    let shape = extents.reduce(0) { $0 + "\($1),".utf8.count }
    return JSONValue.string(name.text).text().utf8.count + shape
      + ##":{"dtype":"BF16","shape":[],"data_offsets":[\##(largest),\##(largest)]},"##.utf8.count
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
