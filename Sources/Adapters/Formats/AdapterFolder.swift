internal import Files

/// A folder that an adapter is looked for in.
struct AdapterFolder {
  private let path: Path
  private let names: [String]

  init(_ path: Path, names: [String]) {
    self.path = path
    self.names = names
  }

  /// Names of weights, the first one present wins: PEFT's, MLX's, torchtune's.
  private static let weightNames = [
    "adapter_model.safetensors", "adapter_model.bin", "adapters.safetensors", "adapters.npz",
    "adapter_model.pt", "adapter_0.pt",
  ]
  private static let configurationName = AdapterFiles.configurationName

  /// The name of the weights in this folder; throws where there are none, naming where some may be.
  func weights() throws(AdapterError) -> (name: String, notes: [String]) {
    let present = Self.weightNames.filter(names.contains)
    if let name = present.first {
      let others = present.dropFirst().map { "\($0) stands beside \(name) and is not read." }
      return (name, others)
    }
    if let index = names.first(where: {
      $0.hasPrefix("adapter_model") && $0.hasSuffix(".index.json")
    }) {
      throw .unsupported(
        path,
        what: "an adapter split into several files (\(index))",
        advice: "Load it with PEFT and save it again with a larger max_shard_size."
      )
    }
    let others = otherWeights
    if others.count == 1 { return (others[0], []) }
    if others.count > 1 {
      throw .notAnAdapter(
        path,
        what: "a folder with several files of tensors",
        candidates: others.map(path.appending)
      )
    }
    throw .notAnAdapter(path, what: emptiness, candidates: candidates)
  }

  /// The files that may be adapters under names of their own, of the first kind that is present;
  /// none beside a model's configuration, where they would be the model.
  private var otherWeights: [String] {
    guard !names.contains("config.json") else { return [] }
    for suffix in [".safetensors", ".gguf", ".bin", ".pt"] {
      let matching = names.filter {
        $0.hasSuffix(suffix) && !["training_args.bin", "optimizer.pt", "scheduler.pt"].contains($0)
          && !$0.hasPrefix("rng_state") && path.appending($0).isFile
      }
      if !matching.isEmpty { return matching }
    }
    return []
  }

  /// What is here instead of an adapter.
  private var emptiness: String {
    if names.contains(Self.configurationName) {
      return "a folder with \(Self.configurationName) and without its weights"
    }
    let modelNames = ["model", "pytorch_model", "consolidated"]
    let hasModel = names.contains { name in
      modelNames.contains { name.hasPrefix($0) }
        && [".safetensors", ".bin", ".pth", ".index.json"].contains { name.hasSuffix($0) }
    }
    if hasModel { return "a full model" }
    return candidates.isEmpty
      ? "a folder without an adapter" : "a folder whose adapters stand further down"
  }

  /// The subfolders with an adapter, one or two levels down: checkpoints of a training run, named
  /// adapters; those numbered in the order of their numbers.
  private var candidates: [Path] {
    var found: [Path] = []
    for name in names {
      let child = path.appending(name)
      guard child.isDirectory, let inner = try? child.entryNames() else { continue }
      if Self.holdsAdapter(inner) { found.append(child) }
      for name in inner {
        let grandchild = child.appending(name)
        guard grandchild.isDirectory, let innermost = try? grandchild.entryNames() else { continue }
        if Self.holdsAdapter(innermost) { found.append(grandchild) }
      }
    }
    return found.sorted { (Self.step($0), $0) < (Self.step($1), $1) }
  }

  private static func holdsAdapter(_ names: [String]) -> Bool {
    names.contains(configurationName) || weightNames.contains(where: names.contains)
  }

  /// The number behind the last hyphen, `checkpoint-500`; the names without one come first.
  private static func step(_ path: Path) -> Int {
    path.name.split(separator: "-").last.flatMap { Int($0) } ?? -1
  }
}
