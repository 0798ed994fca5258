internal import Files

extension Checkpoint {
  /// The GGUF model that this is a view of; nil for others.
  public var gguf: GGUFModel? { shards.count == 1 ? shards[0].model : nil }
}

extension TensorFile {
  /// Opens a GGUF file as a model, under transformers' names.
  init(openingModel path: Path) throws(TensorError) {
    let reader: FileReader
    do { reader = try FileReader(path) } catch { throw .file(error) }
    let model = try GGUFModel(reading: reader)
    let contents = GGUFContents(model)
    self.init(
      reader: FileReader(computing: contents, from: reader), format: .gguf,
      tensors: contents.tensors, metadata: model.header.notes.map { ($0.key, $0.value) },
      model: model)
  }
}
