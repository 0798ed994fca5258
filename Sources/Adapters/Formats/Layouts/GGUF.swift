internal import Tensors

extension AdapterLayout {
  /// llama.cpp: `<base tensor>.lora_a` and `.lora_b` in a GGUF file of the type `adapter`.
  ///
  /// Source: llama.cpp, convert_lora_to_gguf.py and src/llama-adapter.cpp.
  static let gguf = AdapterLayout(
    format: .gguf,
    matches: { TensorFile.isGGUF($0.weights) },
    read: { source throws(AdapterError) in try GGUFReader(source: source).contents() })
}

/// Reads the tensors of a GGUF adapter.
private struct GGUFReader {
  let source: AdapterSource

  func contents() throws(AdapterError) -> AdapterLayout.Contents {
    let type = source.note("general.type") ?? "model"
    guard type == "adapter" else {
      throw .notAnAdapter(
        source.path, what: "a GGUF file of the type \(String(type.prefix(40)))", candidates: [])
    }
    let kind = source.note("adapter.type") ?? "without adapter.type"
    guard kind == "lora" else {
      throw unsupported("a GGUF adapter of the type \(String(kind.prefix(40)))")
    }
    guard let architecture = source.note("general.architecture"),
      let names = GGUFNames(architecture: architecture), names.hasAdapters
    else {
      throw unsupported(
        "a GGUF adapter of the architecture "
          + String((source.note("general.architecture") ?? "without a name").prefix(40)))
    }
    guard let text = source.note("adapter.lora.alpha"), let alpha = Double(text), alpha.isFinite
    else { throw source.broken("has no adapter.lora.alpha that is a finite number") }
    var ignored: [String] = []
    let tensors = try tensors(names, ignored: &ignored)
    var updates: [WeightUpdate] = []
    for (module, parts) in tensors.modules where parts[Self.norm] == nil {
      guard let (a, b) = try tensors.pair("lora_a", "lora_b", of: parts, module) else { continue }
      updates.append(try update(of: module, a, b, alpha: alpha, names, tensors))
    }
    guard !updates.isEmpty else { throw .empty(source.path) }
    let note =
      "Left out \(ignored.count) tensors of normalisation layers, which llama.cpp does not use: "
      + ignored.prefix(3).joined(separator: ", ") + (ignored.count > 3 ? ", …" : "") + "."
    return .init(
      method: .lora, updates: updates,
      declaredBase: source.note("general.base_model.0.name")
        ?? source.note("general.base_model.0.repo_url"),
      notes: (ignored.isEmpty ? [] : [note]) + aloraNotes)
  }

  private static let norm = "norm"

  private var aloraNotes: [String] {
    source.note("adapter.lora.task_name").map { ["Its task is named \($0)."] } ?? []
  }

  private func tensors(
    _ names: GGUFNames, ignored: inout [String]
  ) throws(AdapterError) -> LayoutTensors {
    var norms: [String] = []
    let tensors = try LayoutTensors(source, of: "GGUF's layout of \(names.architecture)") {
      name in
      if name.hasSuffix("_norm.weight") {
        norms.append(name)
        return (name, Self.norm)
      }
      for part in ["lora_a", "lora_b"] where name.hasSuffix(".weight." + part) {
        return names.transformers(String(name.dropLast(part.utf8.count + 8))).map { ($0, part) }
      }
      return nil
    }
    ignored = norms.sorted()
    return tensors
  }

  /// Scale: alpha over the tensor's own rank, or 1 where alpha is 0.
  private func update(
    of module: TargetModule, _ a: StoredTensor, _ b: StoredTensor, alpha: Double,
    _ names: GGUFNames, _ tensors: LayoutTensors
  ) throws(AdapterError) -> WeightUpdate {
    guard a.shape.rank == 2, b.shape.rank == 2 else {
      throw unsupported("a GGUF adapter on stacked experts (\(module))")
    }
    func scaling(_ rank: Int) -> Scaling { alpha == 0 ? .one : Scaling(alpha: alpha, rank: rank) }
    let factors: LowRank
    if module.isEmbedding {
      // Stored turned, as ggml looks rows up: a [vocabulary, rank], b [hidden, rank].
      guard a.shape.extents[1] == b.shape.extents[1], a.shape.extents[1] > 0 else {
        throw tensors.misshapen([a, b], of: "two factors of an embedding's update")
      }
      factors = LowRank(
        a: Factor.stored(a).transposed, b: .stored(b), scaling: scaling(a.shape.extents[1]),
        placement: Placement(
          extents: [b.shape.extents[0], a.shape.extents[0]], layout: .transposed))
    } else {
      factors = try tensors.lowRank(a: a, b: b, scaling: scaling)
    }
    let change = try tensors.change(
      factors, heads: names.permutesHeads ? HeadRows(projection: module.kind) : nil)
    return WeightUpdate(target: TargetParameter(module), change: change)
  }

  private func unsupported(_ what: String) -> AdapterError {
    .unsupported(
      source.path, what: what,
      advice: "Use the PEFT adapter that it was converted from (llama.cpp's "
        + "convert_lora_to_gguf.py keeps it unchanged).")
  }
}
