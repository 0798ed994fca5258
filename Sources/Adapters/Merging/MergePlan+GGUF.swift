internal import Files
internal import Tensors

extension MergePlanner {
  /// Whether a GGUF file is written.
  var writesGGUF: Bool { base.gguf != nil && options.container != .safetensors }

  /// The model whose GGUF file is written anew; nil where safetensors files are written.
  func ggufModel() throws(AdapterError) -> GGUFModel? {
    guard let model = base.gguf else {
      guard options.container != .gguf else {
        throw .unsupported(
          base.path, what: "a base that is no GGUF file, to be merged into one",
          advice: "Merge it, and convert the outcome with llama.cpp's convert_hf_to_gguf.py.")
      }
      return nil
    }
    guard writesGGUF else { return nil }
    guard options.maxShardByteCount == nil else {
      throw .unsupported(
        base.path, what: "a GGUF model, which is written as one file",
        advice: "Leave out --max-shard-size, or write --container safetensors.")
    }
    return model
  }

  /// The GGUF file, its tensors in the order of the plan.
  func ggufFile(
    of model: GGUFModel, _ tensors: [PlannedTensor]
  ) throws(AdapterError) -> CheckpointLayout.Shard {
    for tensor in tensors {
      guard let source = tensor.source, source.info.shape != tensor.shape else { continue }
      throw .unsupported(
        base.path,
        what: "a GGUF model whose \(tensor.name) would grow to \(tensor.shape), and with it the "
          + "list of tokens that the file has",
        advice: "Write safetensors files with --container safetensors.")
    }
    do {
      return try CheckpointLayout.Shard(
        fileName: base.shards[0].reader.path.name, of: model,
        weights: tensors.map { .init(name: $0.name, dtype: $0.dtype, shape: $0.shape) },
        changed: Set(tensors.filter { changesWithOthers($0.name) }.map(\.name)))
    } catch { throw .tensor(error) }
  }

  /// Whether a weight, or another one of the stack that a GGUF file keeps it in, changes.
  func changesWithOthers(_ name: TensorName) -> Bool {
    guard let model = base.gguf else { return contributions[name] != nil }
    return model.stored(with: name).contains { contributions[$0] != nil }
  }

  /// What a user should know of a merge into a GGUF model.
  mutating func noteGGUF() {
    guard let model = base.gguf else { return }
    if writesGGUF {
      let isWidened = model.isQuantised && contributions.keys.contains(where: model.isQuantised)
      if isWidened {
        notes.append(
          "The weights that change are quantised as Q8_0 in the base: they are computed from the "
            + "numbers that they stand for and stored as \((options.dtype ?? .f32).rawValue); "
            + "--dtype f16 takes half of it.")
      }
      return
    }
    notes.append(
      "A GGUF file has no config.json and no tokenizer files of transformers: take them from the "
        + "model that it was made from.")
  }
}
