internal import JSON
internal import Tensors

extension AdapterLayout {
  /// torchtune: `layers.N.attn.q_proj.lora_a.weight` under torchtune's own names, the rows of
  /// queries and keys in Meta's order.
  ///
  /// Source: torchtune, models/convert_weights.py (`tune_to_peft_adapter_weights`).
  static let torchtune = AdapterLayout(
    format: .torchtune,
    matches: { clues in
      clues.hasName {
        $0.hasPrefix("layers.")
          && ($0.hasSuffix(".lora_a.weight") || $0.hasSuffix(".lora_b.weight"))
      }
    },
    read: { source throws(AdapterError) in
      let fields = try source.fields(for: "a torchtune adapter", holding: "its rank and alpha")
      return try TorchtuneReader(source: source, fields: fields).contents()
    })
}

/// Reads torchtune's tensors.
private struct TorchtuneReader {
  let source: AdapterSource
  let fields: ConfigurationFields

  func contents() throws(AdapterError) -> AdapterLayout.Contents {
    guard let rankValue = fields.value("r"), let alphaValue = fields.value("lora_alpha") else {
      throw fields.malformed("has no r or no lora_alpha")
    }
    let rank = try fields.rank(rankValue, "r")
    let alpha = try fields.alpha(alphaValue, "lora_alpha")
    let tensors = try LayoutTensors(source, of: "torchtune's layout") { name in
      for part in ["lora_a.weight", "lora_b.weight", "magnitude"]
      where name.hasSuffix("." + part) {
        let module = String(name.dropLast(part.utf8.count + 1))
        return TorchtuneNames.transformers(module).map { ($0, part) }
      }
      return nil
    }
    var updates: [WeightUpdate] = []
    var hasMagnitudes = false
    for (module, parts) in tensors.modules {
      guard let (a, b) = try tensors.pair("lora_a.weight", "lora_b.weight", of: parts, module)
      else {
        throw tensors.misshapen(
          parts.values.sorted { $0.name < $1.name }, of: "two factors with a magnitude")
      }
      guard a.shape.rank == 2, b.shape.rank == 2 else {
        throw tensors.misshapen([a, b], of: "two factors of one update")
      }
      let factors = try tensors.lowRank(a: a, b: b) { Scaling(alpha: alpha, rank: $0) }
      guard factors.rank == rank else {
        throw source.broken(
          "has \(a.name) of rank \(factors.rank) where its configuration says \(rank)")
      }
      // These models' rows are in transformers' order here too.
      let change = try tensors.change(
        factors, magnitude: parts["magnitude"], heads: HeadRows(projection: module.kind),
        keptTypes: ["qwen", "phi3"])
      updates.append(WeightUpdate(target: TargetParameter(module), change: change))
      hasMagnitudes = hasMagnitudes || parts["magnitude"] != nil
    }
    return .init(
      method: hasMagnitudes ? .dora : .lora, updates: updates,
      declaredBase: try fields.string("base_model_name_or_path"))
  }
}

/// The names of modules in torchtune and in transformers.
enum TorchtuneNames {
  /// The parts of a layer: torchtune's name, transformers' name.
  private static let parts = [
    ("attn.q_proj", "self_attn.q_proj"), ("attn.k_proj", "self_attn.k_proj"),
    ("attn.v_proj", "self_attn.v_proj"), ("attn.output_proj", "self_attn.o_proj"),
    ("mlp.w1", "mlp.gate_proj"), ("mlp.w2", "mlp.down_proj"), ("mlp.w3", "mlp.up_proj"),
  ]
  private static let tops = [("output", "lm_head"), ("tok_embeddings", "model.embed_tokens")]

  /// transformers' name of a module; nil where torchtune has no such module.
  static func transformers(_ name: String) -> String? {
    if let top = tops.first(where: { $0.0 == name }) { return top.1 }
    guard let (layer, part) = LayerName.split(name, after: "layers."),
      let known = parts.first(where: { $0.0 == part })
    else { return nil }
    return "model.layers.\(layer).\(known.1)"
  }

  /// torchtune's name of a module; nil where it has none.
  static func torchtune(_ name: String) -> String? {
    if let top = tops.first(where: { $0.1 == name }) { return top.0 }
    guard let (layer, part) = LayerName.split(name, after: "model.layers."),
      let known = parts.first(where: { $0.1 == part })
    else { return nil }
    return "layers.\(layer).\(known.0)"
  }
}
