internal import JSON
internal import Tensors

extension AdapterLayout {
  /// diffusers: several models' updates in one file, under `unet.`, `transformer.`,
  /// `text_encoder.`.
  ///
  /// Source: diffusers, loaders/lora_base.py and utils/state_dict_utils.py.
  static let diffusers = AdapterLayout(
    format: .diffusers,
    matches: { clues in
      clues.peftType == nil
        && clues.hasName { name in
          guard let (module, part) = DiffusersReader.split(name) else { return false }
          let isOld =
            name.contains(".lora.") || name.contains("_lora.")
            || name.contains(".lora_linear_layer.")
          return part == "down" && isOld
            || ["down", "up"].contains(part) && DiffusersReader.component(of: module) != nil
        }
    },
    read: { source throws(AdapterError) in try DiffusersReader(source: source).contents() })
}

/// Reads the tensors of diffusers' files.
struct DiffusersReader {
  let source: AdapterSource

  /// The models of a pipeline, as names begin with them.
  private static let components = [
    "unet", "transformer", "transformer_2", "text_encoder", "text_encoder_2", "text_encoder_3",
    "prior",
  ]

  /// The endings of names and the parts they are.
  private static let endings = [
    (".lora_A.weight", "down"), (".lora_B.weight", "up"), (".lora_B.bias", "bias"),
    (".lora_A.default.weight", "down"), (".lora_B.default.weight", "up"),
    (".lora_magnitude_vector", "magnitude"), (".lora_magnitude_vector.weight", "magnitude"),
    (".lora.down.weight", "down"), (".lora.up.weight", "up"),
    (".lora_linear_layer.down.weight", "down"), (".lora_linear_layer.up.weight", "up"),
    ("_lora.down.weight", "down"), ("_lora.up.weight", "up"), (".alpha", "alpha"),
  ]

  /// A name as the module's path and the part; nil where it has neither.
  static func split(_ name: String) -> (module: String, part: String)? {
    guard let (ending, part) = endings.first(where: { name.hasSuffix($0.0) }) else { return nil }
    var module = String(name.dropLast(ending.count))
    if part == "alpha" {
      for middle in [".lora", ".lora_linear_layer", "_lora"] where module.hasSuffix(middle) {
        module = String(module.dropLast(middle.count))
        break
      }
    }
    // Attention processors name the projections that they act on: `attn1.processor.to_q_lora`.
    if let place = module.firstRange(of: ".processor.") {
      module.replaceSubrange(place, with: ".")
      if module.hasSuffix(".to_out") { module += ".0" }
    }
    let pairs = [
      ("to_q", "q_proj"), ("to_k", "k_proj"), ("to_v", "v_proj"), ("to_out", "out_proj"),
    ]
    for (old, new) in pairs
    where module.hasPrefix("text_encoder") && module.hasSuffix("self_attn." + old) {
      module = String(module.dropLast(old.count)) + new
    }
    return module.isEmpty ? nil : (module, part)
  }

  /// The model that a module is in; nil where its name does not say.
  static func component(of module: String) -> Substring? {
    guard let dot = module.firstIndex(of: "."), components.contains(String(module[..<dot]))
    else { return nil }
    return module[..<dot]
  }

  func contents() throws(AdapterError) -> AdapterLayout.Contents {
    let tensors = try LayoutTensors(source, of: "diffusers' layout", split: Self.split)
    let scalings = try DiffusersScalings(source)
    var updates: [WeightUpdate] = []
    for (module, parts) in tensors.modules {
      try tensors.require(
        ["down", "up", "alpha", "magnitude", "bias"], of: parts, layout: "diffusers' layout")
      guard let (down, up) = try tensors.pair("down", "up", of: parts, module) else {
        throw tensors.misshapen(
          parts.values.sorted { $0.name < $1.name }, of: "the factors of an update")
      }
      let own = try parts["alpha"].map { tensor throws(AdapterError) in try tensor.number() }
      let factors = try tensors.lowRank(a: down, b: up) { rank in
        scalings.scaling(of: module, rank: rank, alpha: own)
      }
      let change = try tensors.change(factors, magnitude: parts["magnitude"])
      updates.append(WeightUpdate(target: TargetParameter(module), change: change))
      if let bias = parts["bias"] {
        guard bias.shape.extents == [factors.b.rows] else {
          throw tensors.misshapen([bias, up], of: "parts of one update")
        }
        updates.append(
          WeightUpdate(
            target: TargetParameter(module, "bias"),
            change: .delta(.stored(bias, factor: factors.scaling.factor))))
      }
    }
    return .init(
      method: updates.contains(where: \.hasMagnitudes) ? .dora : .lora, updates: updates,
      declaredBase: nil)
  }
}

/// The scalings of a diffusers file: from its `lora_adapter_metadata`, else from the alphas beside
/// the factors, else 1.
private struct DiffusersScalings {
  /// The configuration of each component that has one.
  private var configurations: [(component: String, configuration: PEFTConfiguration)] = []

  init(_ source: AdapterSource) throws(AdapterError) {
    guard let text = source.note("lora_adapter_metadata") else { return }
    func malformed(_ rule: String) -> AdapterError {
      .malformedConfiguration(source.path, rule: "(lora_adapter_metadata) " + rule)
    }
    guard let document = try? JSONValue(parsing: Array(text.utf8)),
      let members = document.members
    else { throw malformed("is not a JSON object") }
    var grouped: [(component: String, members: [JSONValue.Member])] = []
    for member in members {
      guard let dot = member.key.firstIndex(of: ".") else {
        throw malformed("has the key \"\(member.key.prefix(80))\" without a component")
      }
      let component = String(member.key[..<dot])
      let inner = JSONValue.Member(
        String(member.key[member.key.index(after: dot)...]), member.value)
      if let place = grouped.firstIndex(where: { $0.component == component }) {
        grouped[place].members.append(inner)
      } else {
        grouped.append((component, [inner]))
      }
    }
    for (component, members) in grouped {
      var document = JSONValue.object(members)
      document.set("peft_type", to: "LORA")
      configurations.append(
        (
          component,
          try PEFTConfiguration(
            reading: .init(path: source.path, bytes: [], document: document))
        ))
    }
  }

  func scaling(of module: TargetModule, rank: Int, alpha: Double?) -> Scaling {
    if let component = DiffusersReader.component(of: module.path),
      let found = configurations.first(where: { $0.component == component })
    {
      return found.configuration.scaling(
        of: TargetModule(String(module.path.dropFirst(component.count + 1))))
    }
    guard let alpha, alpha != 0 else { return Scaling(alpha: Double(rank), rank: rank) }
    return Scaling(alpha: alpha, rank: rank)
  }
}
