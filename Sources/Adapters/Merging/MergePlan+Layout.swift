internal import Compute
internal import Files
internal import JSON
internal import Tensors

extension MergePlanner {
  /// The plan, once every update is bound.
  func plan() throws(AdapterError) -> MergePlan {
    var shards: [[PlannedTensor]] = []
    for shard in base.shards {
      var tensors: [PlannedTensor] = []
      for info in shard.tensors { tensors.append(try plannedTensor(info.name)) }
      shards.append(tensors)
    }
    for (name, source) in added {
      let tensor = try addedTensor(name, source: source)
      if shards.isEmpty { shards.append([]) }
      shards[shards.count - 1].append(tensor)
    }
    if let model = try ggufModel() {
      return plan(
        CheckpointLayout(shards: [try ggufFile(of: model, shards.flatMap { $0 })]), shards)
    }
    var parts = zip(base.shards, shards).map(part)
    if let limit = options.maxShardByteCount {
      (parts, shards) = Self.resharded(parts, shards, limit: limit)
    }
    let indexBytes = try base.index.map { index throws(AdapterError) in
      try contents(base.path.appending(index.fileName))
    }
    return plan(
      CheckpointLayout(parts, baseIndex: base.index, baseIndexBytes: indexBytes), shards)
  }

  func plan(_ layout: CheckpointLayout, _ shards: [[PlannedTensor]]) -> MergePlan {
    MergePlan(
      base: base, adapters: adapters, options: options, layout: layout,
      shards: shards, editedConfig: editedConfig(shards.flatMap { $0 }),
      copiedFiles: copiedFiles(), unmatched: unmatched, notes: notes)
  }

  private func contents(_ path: Path) throws(AdapterError) -> [UInt8] {
    do { return try FileReader.contents(of: path, limit: 256 << 20) } catch { throw .file(error) }
  }

  private func plannedTensor(_ name: TensorName) throws(AdapterError) -> PlannedTensor {
    guard let place = base[name] else { preconditionFailure("the base has \(name)") }
    let changes = contributions[name] ?? []
    if !changes.isEmpty, !place.info.dtype.isComputed {
      throw .notComputed(base.path, name, place.info.dtype)
    }
    // Its bytes stand in another order in the file than in any output.
    if place.info.strides != nil { throw .stridedBase(base.path, name) }
    return PlannedTensor(
      name: name, source: place, isNew: false, dtype: outputType(of: place.info),
      shape: shape(place.info.shape, after: changes), contributions: changes)
  }

  /// The shape after a replacement that brings more rows: a vocabulary that has grown.
  private func shape(_ shape: Shape, after changes: [PlannedTensor.Contribution]) -> Shape {
    for case .replacement(let tensor) in changes.map(\.update.change) { return tensor.shape }
    return shape
  }

  private func addedTensor(
    _ name: TensorName, source: TensorName?
  ) throws(AdapterError) -> PlannedTensor {
    let place = source.flatMap { base[$0] }
    let changes = contributions[name] ?? []
    let stored = changes.lazy.flatMap(\.update.tensors).first
    guard let dtype = place?.info.dtype ?? commonType ?? stored?.dtype,
      let shape = place?.info.shape ?? stored?.shape
    else { preconditionFailure("an added tensor has a source or is brought whole") }
    guard dtype.isComputed else { throw .notComputed(base.path, name, dtype) }
    return PlannedTensor(
      name: name, source: place, isNew: true, dtype: outputType(dtype),
      shape: self.shape(shape, after: changes), contributions: changes)
  }

  /// The type most of the base's bytes have: that of a new tensor.
  private var commonType: DType? {
    var bytes: [DType: Int] = [:]
    for shard in base.shards {
      for info in shard.tensors where info.dtype.isComputed {
        bytes[info.dtype, default: 0] += info.byteCount
      }
    }
    return bytes.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key
  }

  private func outputType(of info: TensorInfo) -> DType {
    guard writesGGUF else { return outputType(info.dtype) }
    // Only what changes gets another type, and vectors keep theirs, with which llama.cpp computes.
    return info.shape.rank > 1 && changesWithOthers(info.name)
      ? outputType(info.dtype) : info.dtype
  }

  private func outputType(_ dtype: DType) -> DType {
    guard let wanted = options.dtype, dtype.isComputed else { return dtype }
    return wanted
  }

  private func part(_ file: TensorFile, _ tensors: [PlannedTensor]) -> CheckpointLayout.Part {
    let entries = tensors.map {
      SafetensorsHeader.Entry(name: $0.name, dtype: $0.dtype, shape: $0.shape)
    }
    let old = file.tensors.map {
      SafetensorsHeader.Entry(name: $0.name, dtype: $0.dtype, shape: $0.shape)
    }
    var kept: SafetensorsHeader?
    if file.format == .safetensors, entries == old, let bytes = try? file.headerBytes() {
      kept = SafetensorsHeader(keeping: bytes, of: file)
    }
    return CheckpointLayout.Part(
      fileName: Self.safetensorsName(file.reader.path.name), entries: entries,
      metadata: file.format == .safetensors ? file.metadata : [("format", "pt")], kept: kept)
  }

  /// The name of the file that takes a shard's place: PyTorch's names become those of safetensors.
  static func safetensorsName(_ name: String) -> String {
    guard !name.hasSuffix(".safetensors") else { return name }
    var stem = name
    for ending in [".bin", ".pt", ".pth", ".gguf"] where stem.hasSuffix(ending) {
      stem.removeLast(ending.count)
    }
    if stem.hasPrefix("pytorch_model") { stem = "model" + stem.dropFirst("pytorch_model".count) }
    return stem + ".safetensors"
  }

  private static func resharded(
    _ parts: [CheckpointLayout.Part], _ shards: [[PlannedTensor]], limit: Int
  ) -> ([CheckpointLayout.Part], [[PlannedTensor]]) {
    var groups: [[PlannedTensor]] = [[]]
    var filled = 0
    for tensor in shards.flatMap({ $0 }) {
      let byteCount = tensor.shape.byteCount(of: tensor.dtype) ?? 0
      if filled + byteCount > limit, filled > 0 {
        groups.append([])
        filled = 0
      }
      groups[groups.count - 1].append(tensor)
      filled += byteCount
    }
    func number(_ n: Int) -> String {
      let digits = String(n)
      return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
    let metadata = parts.first?.metadata ?? []
    let new = groups.enumerated().map { position, tensors in
      CheckpointLayout.Part(
        fileName: groups.count == 1
          ? "model.safetensors"
          : "model-\(number(position + 1))-of-\(number(groups.count)).safetensors",
        entries: tensors.map { .init(name: $0.name, dtype: $0.dtype, shape: $0.shape) },
        metadata: metadata)
    }
    return (new, groups)
  }

  /// `config.json` with the fields that the merge makes untrue put right.
  private func editedConfig(_ tensors: [PlannedTensor]) -> JSONValue? {
    // What a GGUF file tells is not a whole configuration.
    guard base.gguf == nil, var config = base.config else { return nil }
    let original = config
    if let name = options.dtype?.torchName {
      for key in ["dtype", "torch_dtype"] where config[key] != nil {
        config.set(key, to: .string(name))
      }
    }
    if unties {
      config.set("tie_word_embeddings", to: false)
      if var text = config["text_config"], text["tie_word_embeddings"] != nil {
        text.set("tie_word_embeddings", to: false)
        config.set("text_config", to: text)
      }
    }
    for tensor in tensors {
      guard let source = tensor.source, source.info.name == tensor.name,
        source.info.shape != tensor.shape, let rows = tensor.shape.extents.first,
        config["vocab_size"]?.integer == source.info.shape.extents.first
      else { continue }
      config.set("vocab_size", to: .integer(rows))
    }
    return config == original && !base.isDequantised ? nil : config
  }

  /// The side files that go along. Weights in other containers stay behind: they would be the
  /// unmerged model under a name that loaders look for.
  private func copiedFiles() -> [String] {
    let weights = ["safetensors", "bin", "pt", "pth", "ckpt", "gguf", "h5", "msgpack", "onnx"]
    return base.sideFiles.filter { name in
      !weights.contains { name.hasSuffix("." + $0) } && !name.hasSuffix(".index.json")
    }
  }
}
