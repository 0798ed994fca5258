internal import JSON
internal import Tensors

/// LoRA on parameters (`target_parameters`).
extension PEFTReader {
  /// The parameters of a module that the configuration targets; empty where it targets the module
  /// as a layer.
  private func targeted(of module: TargetModule) throws(AdapterError) -> [String] {
    try configuration.fields.strings("target_parameters").compactMap { entry in
      guard let dot = entry.lastIndex(of: ".") else { return nil }
      let owner = entry[..<dot]
      let owns = module.path == owner || module.path.hasSuffix("." + owner)
      return owns ? String(entry[entry.index(after: dot)...]) : nil
    }
  }

  /// The updates of a module's parameters; nil where it is adapted as a layer.
  ///
  /// The wrappers of several parameters of one module stand in one another, the first registered
  /// innermost: of n parameters it has n − 1 `base_layer` in its name.
  func parameterUpdates(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate]? {
    let nested = parts.keys.compactMap { part in
      if case .nested(let depth, _) = part { return depth }
      return nil
    }
    let isExperts = module.kind == "experts" && parts[.a] != nil
    let names = try targeted(of: module)
    guard !nested.isEmpty || isExperts || !names.isEmpty && parts[.a] != nil else { return nil }
    let count = (nested.max() ?? 0) + 1
    let ordered = Self.registrationOrder.filter(names.contains)
    var candidates = names.isEmpty ? Self.registrationOrder : ordered
    if !names.isEmpty, ordered.count < names.count { candidates = names }
    var updates: [WeightUpdate] = []
    for depth in 0..<count {
      let a = try half(parts, depth, isA: true, module)
      let b = try half(parts, depth, isA: false, module)
      guard a.shape.rank == 2, b.shape.rank == 2, a.shape.extents[0] == b.shape.extents[1] else {
        throw misshapen([a, b], of: "two factors of one update")
      }
      // As many parameters as wrappers in a known order: each has its own. Otherwise shapes decide.
      let isSettled = candidates.count == count && candidates == ordered
      let own = isSettled ? [candidates[count - 1 - depth]] : candidates
      let delta = ExpertFactors(
        a: a, b: b,
        parameters: own.map { name in
          let path = TargetModule("\(module.path).\(name)")
          return .init(
            name: name, rank: configuration.rank(of: path),
            scaling: configuration.scaling(of: path))
        }, isOld: configuration.isBefore(minor: 19), path: path)
      updates.append(
        WeightUpdate(
          target: TargetParameter(module, own[0]), change: .delta(.open(delta))))
    }
    let known = 2 * count
    guard parts.keys.count(where: { if case .whole = $0 { false } else { true } }) == known else {
      throw broken("has more than pairs of factors for the parameters of \(module)")
    }
    return updates
  }

  private func half(
    _ parts: PEFTTensors.Parts, _ depth: Int, isA: Bool, _ module: TargetModule
  ) throws(AdapterError) -> StoredTensor {
    let part: PEFTKey.Part = depth > 0 ? .nested(depth, isA: isA) : isA ? .a : .b
    guard let tensor = parts[part] else {
      throw broken(
        "has no factor \(isA ? "A" : "B") for parameter number \(depth + 1) of \(module)")
    }
    try requireFloats(tensor)
    return tensor
  }

  /// Parameters in the order in which models register them.
  private static let registrationOrder = [
    "gate_up_proj", "gate_proj", "up_proj", "w1", "w2", "w3", "down_proj", "weight",
  ]
}

extension PEFTConfiguration {
  /// Whether a PEFT before 0.`minor` wrote the adapter. Versions are written since 0.18.
  func isBefore(minor: Int) -> Bool {
    guard let text = fields.value("peft_version")?.string else { return true }
    let numbers = text.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
    return numbers.count == 2 && numbers[0] == 0 && numbers[1] < minor
  }
}
