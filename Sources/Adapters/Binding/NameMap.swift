internal import JSON
internal import Tensors

/// Finds the tensors of a base under the names that adapters have for them.
struct NameMap {
  /// Where a target is.
  enum Finding {
    /// A tensor of the base.
    case tensor(Checkpoint.Place)
    /// The only tensor of the base whose name ends alike and whose shape fits.
    case alike(Checkpoint.Place)
    /// The head that the base keeps in its embedding, under the name it would have.
    case tiedHead(TensorName, embedding: Checkpoint.Place)
    /// Tensors whose flattened names are all the target's: which one is meant cannot be told.
    case ambiguous([TensorName])
    /// Nowhere.
    case nothing
  }

  private let base: Checkpoint
  private let renames: RenameTable
  private let tiedHead: (head: TensorName, embedding: TensorName)?
  /// The base's tensors by every end of their names that starts behind a dot; made when needed.
  private var ends: [Substring: [TensorName]]?
  /// The base's tensors by the flattened paths of their modules; made when needed.
  private var flat: [FlatName: [TensorName]]?

  init(_ base: Checkpoint) {
    self.base = base
    renames = RenameTable(modelType: base.config?["model_type"]?.string)
    tiedHead = base.tiedHead
  }

  /// A target under one of the spellings of its name.
  func named(_ target: TargetParameter) -> Checkpoint.Place? {
    spellings(of: target).lazy.compactMap { base[$0] }.first
  }

  /// Finds an update's target.
  mutating func find(_ update: WeightUpdate) -> Finding {
    if let name = FlatName(update.target.module.path) {
      return find(name, update.target.parameter)
    }
    let spellings = spellings(of: update.target)
    for name in spellings {
      if let place = base[name] { return .tensor(place) }
    }
    if let tiedHead, spellings.contains(tiedHead.head), let place = base[tiedHead.embedding] {
      return .tiedHead(tiedHead.head, embedding: place)
    }
    let alike = tensorsEndingLike(update.target.description).filter {
      if case .misfits = update.fit(to: $0.info.shape) { return false }
      return true
    }
    return alike.count == 1 ? .alike(alike[0]) : .nothing
  }

  /// Finds a module whose path has been flattened, by flattening the base's alike.
  private mutating func find(_ name: FlatName, _ parameter: String) -> Finding {
    let names = (flattened()[name] ?? []).filter { $0.text.hasSuffix("." + parameter) }
    switch names.count {
    case 0: return .nothing
    case 1: return base[names[0]].map { .tensor($0) } ?? .nothing
    default: return .ambiguous(names.sorted())
    }
  }

  private mutating func flattened() -> [FlatName: [TensorName]] {
    if let flat { return flat }
    var made: [FlatName: [TensorName]] = [:]
    for name in base.names {
      guard let dot = name.text.lastIndex(of: ".") else { continue }
      made[FlatName(flattening: name.text[..<dot]), default: []].append(name)
    }
    flat = made
    return made
  }

  /// The name under which a base that lacks the target takes it from the adapter: for heads that
  /// the adapter brings whole, and for biases trained beside a weight that the base has.
  func newName(of update: WeightUpdate, wholeModules: [String]) -> TensorName? {
    let module = update.target.module
    switch change(of: update) {
    case .whole:
      let heads = ["classifier", "score", "qa_outputs", "v_head", "value_head", "pre_classifier"]
      guard (wholeModules + heads).contains(where: module.isInside), !hasTop(module) else {
        return nil
      }
      return TensorName(update.target.description)
    case .bias:
      let weight = spellings(of: TargetParameter(module)).first { base[$0] != nil }
      guard let weight, weight.text.hasSuffix(".weight") else { return nil }
      return TensorName(weight.text.dropLast("weight".count) + "bias")
    case .other: return nil
    }
  }

  private enum ChangeKind { case whole, bias, other }

  private func change(of update: WeightUpdate) -> ChangeKind {
    switch update.change {
    case .replacement: return .whole
    case .delta(.stored) where update.target.parameter == "bias": return .bias
    default: return .other
    }
  }

  /// Whether the base has any tensor below the module's first segment: its part of the model is
  /// there, so that what is missing in it is a mistake.
  private func hasTop(_ module: TargetModule) -> Bool {
    guard let top = module.path.split(separator: ".").first else { return true }
    return base.shards.contains { shard in
      shard.tensors.contains { $0.name.text.hasPrefix(top + ".") }
    }
  }

  /// The names a target may have in the base's files, the likeliest first.
  private func spellings(of target: TargetParameter) -> [TensorName] {
    let path = target.module.path
    var paths = [path] + renames.renamed(path)
    for prefix in ["model.", "transformer.", "backbone.", "base_model."] {
      if path.hasPrefix(prefix) {
        paths.append(String(path.dropFirst(prefix.count)))
      } else {
        paths.append(prefix + path)
      }
    }
    var names = paths.map {
      TensorName(TargetParameter(TargetModule($0), target.parameter).description)
    }
    // nn.MultiheadAttention keeps its weight under a name of its own.
    if target.parameter == "weight" { names.append(TensorName(path + ".in_proj_weight")) }
    return names
  }

  /// The base's tensors whose names end in this one, or whose whole names end it.
  private mutating func tensorsEndingLike(_ name: String) -> [Checkpoint.Place] {
    var names = endings()[name[...]] ?? []
    var rest = name[...]
    while let dot = rest.firstIndex(of: ".") {
      rest = rest[rest.index(after: dot)...]
      // A bare parameter's name says too little.
      if rest.contains("."), base[TensorName(String(rest))] != nil {
        names.append(TensorName(String(rest)))
      }
    }
    return names.compactMap { base[$0] }
  }

  private mutating func endings() -> [Substring: [TensorName]] {
    if let ends { return ends }
    var made: [Substring: [TensorName]] = [:]
    for name in base.names {
      var rest = name.text[...]
      while let dot = rest.firstIndex(of: ".") {
        rest = rest[rest.index(after: dot)...]
        made[rest, default: []].append(name)
      }
    }
    ends = made
    return made
  }
}

extension TargetModule {
  /// Whether the module is the one that `end` names, or inside it.
  func isInside(_ end: String) -> Bool { ".\(path).".contains(".\(end).") }
}
