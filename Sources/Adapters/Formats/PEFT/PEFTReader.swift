internal import Files
internal import Tensors

/// Turns the tensors of a PEFT file into updates, checking them against one another and against the
/// configuration. Reads no payload.
///
/// Each method has a file of its own, `PEFTReader+….swift`, that reads the parts of one module.
struct PEFTReader {
  let path: Path
  let configuration: PEFTConfiguration

  init(path: Path, configuration: PEFTConfiguration) {
    self.path = path
    self.configuration = configuration
  }

  /// The updates of every module.
  func updates(of tensors: PEFTTensors) throws(AdapterError) -> [WeightUpdate] {
    var updates: [WeightUpdate] = []
    for (module, parts) in tensors.modules.sorted(by: { $0.key < $1.key }) {
      for case (.whole(let parameter), let tensor) in parts {
        updates.append(
          WeightUpdate(
            target: TargetParameter(module, parameter),
            change: .replacement(tensor)
          )
        )
      }
      if let tokens = parts[.tokens] { updates.append(try rows(tokens, of: module)) }
      updates += try trained(parts, of: module, among: tensors)
    }
    guard configuration.type == .layerNorm || updates.contains(where: { !$0.isWhole })
    else {
      throw .notAnAdapter(
        path,
        what: "a file of whole tensors without a single LoRA factor, most likely a full model",
        candidates: []
      )
    }
    return updates
  }

  /// The updates by the tensors of the adapter's own method.
  private func trained(
    _ parts: PEFTTensors.Parts, of module: TargetModule, among tensors: PEFTTensors
  ) throws(AdapterError) -> [WeightUpdate] {
    switch configuration.type {
    case .lora where configuration.fields.isSet("use_mora"):
      return try mora(parts, of: module)
    case .lora where configuration.fields.isSet("enable_lora"):
      return try mergedLinear(parts, of: module)
    case .lora, .trainableTokens, .layerNorm:
      if let updates = try parameterUpdates(parts, of: module) { return updates }
      let isTwice = tensors.attentionOutputs.contains(module)
      return try factors(parts, of: module, times: isTwice ? 2 : 1)
    case .vera: return try vera(parts, of: module, among: tensors)
    case .adaLoRA: return try adaLoRA(parts, of: module)
    case .loHa: return try loHa(parts, of: module)
    case .loKr: return try loKr(parts, of: module)
    case .ia3: return try ia3(parts, of: module)
    case .oft: return try oft(parts, of: module)
    case .boft: return try boft(parts, of: module)
    }
  }

  private func rows(
    _ tensor: StoredTensor,
    of module: TargetModule
  ) throws(AdapterError) -> WeightUpdate {
    guard let rows = configuration.tokens.rows(of: module) else {
      throw broken("has \(tensor.name), but its configuration names no rows for \(module)")
    }
    guard tensor.shape.rank == 2, tensor.shape.extents[0] == rows.count else {
      throw broken(
        "has \(tensor.name) of shape \(tensor.shape), but its configuration names \(rows.count) rows"
      )
    }
    try requireFloats(tensor)
    return WeightUpdate(target: TargetParameter(module), change: .rows(rows, tensor))
  }

  /// A module's tensors of the method, by marker; empty where it has none.
  ///
  /// Throws where one is there that the method does not have, or is of no trained type.
  func named(
    _ parts: PEFTTensors.Parts, _ known: Set<String>
  ) throws(AdapterError) -> [String: StoredTensor] {
    var named: [String: StoredTensor] = [:]
    for (part, tensor) in parts.sorted(by: { $0.value.name < $1.value.name }) {
      switch part {
      case .whole, .savedModule, .tokens, .ignored: continue
      case .named(let name) where known.contains(name):
        try requireFloats(tensor)
        named[name] = tensor
      default:
        throw broken(
          "has the tensor \(tensor.name), which no rule of PEFT's layout explains for "
            + configuration.type.rawValue)
      }
    }
    return named
  }

  /// One of a module's tensors; throws where it is missing.
  func part(
    _ name: String, of named: [String: StoredTensor], _ module: TargetModule
  ) throws(AdapterError) -> StoredTensor {
    guard let tensor = named[name] else {
      throw broken("has no \(name) for \(module), though it has other parts of its update")
    }
    return tensor
  }

  func requireFloats(_ tensor: StoredTensor) throws(AdapterError) {
    guard [.f32, .f16, .bf16, .f64].contains(tensor.dtype) else {
      throw broken("has \(tensor.name) of type \(tensor.dtype.rawValue), which is no trained type")
    }
  }

  /// The error for tensors whose shapes contradict one another.
  func misshapen(_ tensors: [StoredTensor], of what: String) -> AdapterError {
    broken(
      "has "
        + tensors.map { "\($0.name) of shape \($0.shape)" }.joined(separator: " and ")
        + ", which are not \(what)")
  }

  func broken(_ rule: String) -> AdapterError { .inconsistent(path, rule: rule) }
}
