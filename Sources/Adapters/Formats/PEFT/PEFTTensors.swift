internal import Files
internal import Tensors

/// The tensors of a PEFT file, sorted by the module they are for; every one has its place.
struct PEFTTensors {
  /// The parts of one module.
  typealias Parts = [PEFTKey.Part: StoredTensor]

  /// The parts by module.
  private(set) var modules: [TargetModule: Parts] = [:]
  /// The output projections of `nn.MultiheadAttention`.
  private(set) var attentionOutputs: Set<TargetModule> = []
  /// What was left out and why, as whole sentences.
  private(set) var notes: [String] = []
  private let file: TensorFile

  /// The longest name of a tensor, in bytes; patterns are matched against names.
  static let nameLimit = 512

  /// Sorts the tensors of a file; throws where one has no place or shares it with another.
  init(_ file: TensorFile) throws(AdapterError) {
    self.file = file
    for tensor in file.tensors where tensor.name.text.utf8.count > Self.nameLimit {
      throw broken("has a tensor whose name is \(tensor.name.text.utf8.count) bytes long")
    }
    let adapters = try adapterNames()
    var ignored: [String: [TensorName]] = [:]
    for tensor in file.tensors {
      let key = PEFTKey(tensor.name, adapters: adapters)
      switch key.part {
      case .unknown:
        throw broken("has the tensor \(tensor.name), which no rule of PEFT's layout explains")
      case .ignored(let reason): ignored[reason, default: []].append(tensor.name)
      default: try place(tensor, key)
      }
      if key.isAttentionOutput { attentionOutputs.insert(key.module) }
    }
    settleSavedModules(&ignored)
    try settleLatentMappings()
    if !attentionOutputs.isEmpty {
      notes.append(
        "The updates of \(attentionOutputs.count) out_proj of nn.MultiheadAttention count twice, as "
          + "PEFT applies them: in its forward pass and in its merge.")
    }
    for (reason, names) in ignored.sorted(by: { $0.key < $1.key }) {
      notes.append(
        "Left out \(names.count) tensors, \(reason): "
          + names.sorted().prefix(3).map(\.text).joined(separator: ", ")
          + (names.count > 3 ? ", …" : "") + "."
      )
    }
  }

  /// Whether some module has such a part.
  func has(_ part: PEFTKey.Part) -> Bool { modules.values.contains { $0[part] != nil } }

  /// The names of the adapters in the file: raw state dictionaries may hold several.
  private func adapterNames() throws(AdapterError) -> Set<Substring> {
    let names = Set(file.tensors.compactMap { PEFTKey($0.name).adapter })
    guard names.count <= 1 else {
      throw broken(
        "holds several adapters, \(names.sorted().joined(separator: ", ")); save each by itself"
      )
    }
    return names.union(["default"])
  }

  private mutating func place(_ tensor: TensorInfo, _ key: PEFTKey) throws(AdapterError) {
    let stored = StoredTensor(tensor, in: file)
    guard let earlier = modules[key.module, default: [:]].updateValue(stored, forKey: key.part)
    else { return }
    throw broken("has \(earlier.name) and \(tensor.name), which mean the same tensor")
  }

  /// Gives the tensors under `modules_to_save` their plain names; where both stand, as `bias: all`
  /// leaves them, PEFT loads the plain one.
  private mutating func settleSavedModules(_ ignored: inout [String: [TensorName]]) {
    for (module, parts) in modules {
      for case (.savedModule(let parameter), let tensor) in parts {
        modules[module]?[.savedModule(parameter)] = nil
        if parts[.whole(parameter)] != nil {
          ignored["which stand under their plain names too", default: []].append(tensor.name)
        } else {
          modules[module]?[.whole(parameter)] = tensor
        }
      }
    }
  }

  /// Gives LoRA-XS's R its module.
  ///
  /// PEFT up to 0.17 takes `.default` out of `q_proj.default_lora_latent_mapping`, which joins the
  /// marker to the module; later versions keep the adapter's name before it.
  private mutating func settleLatentMappings() throws(AdapterError) {
    for (before, parts) in modules {
      for case (.latentMapping(let joined), let tensor) in parts {
        let after = TargetModule(before.path.isEmpty ? joined : before.path + "." + joined)
        let candidates = [joined.isEmpty ? nil : after, before].compactMap { $0 }.filter {
          modules[$0]?[.a] != nil
        }
        guard candidates.count == 1 else {
          throw broken(
            candidates.isEmpty
              ? "has \(tensor.name) without the factors A and B that it stands between"
              : "has \(tensor.name), which may belong to \(candidates[0]) or \(candidates[1])")
        }
        modules[before]?[.latentMapping(joinedTo: joined)] = nil
        if modules[before]?.isEmpty == true { modules[before] = nil }
        let place = PEFTKey.Part.named(PEFTTensors.latentMapping)
        if let earlier = modules[candidates[0], default: [:]].updateValue(tensor, forKey: place) {
          throw broken("has \(earlier.name) and \(tensor.name), which mean the same tensor")
        }
      }
    }
  }

  /// The name that LoRA-XS's R goes by.
  static let latentMapping = "lora_latent_mapping"

  private func broken(_ rule: String) -> AdapterError {
    .inconsistent(file.reader.path, rule: rule)
  }
}
