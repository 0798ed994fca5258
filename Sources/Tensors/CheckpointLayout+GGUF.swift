internal import Files

extension CheckpointLayout.Shard {
  /// A weight of the GGUF file to be written.
  public struct GGUFWeight: Sendable {
    /// transformers' name of it.
    public let name: TensorName
    /// The type that it is computed in.
    public let dtype: DType
    /// Its extents, as transformers has it.
    public let shape: Shape

    /// A weight of the file.
    public init(name: TensorName, dtype: DType, shape: Shape) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
    }
  }

  /// A GGUF file of a model's weights, in the model's order, and of weights that it lacks behind them.
  ///
  /// Stored tensors of which every weight is as it was keep their type, quantised or not; the others
  /// get that of their weights. Throws `unsupported` for a weight that llama.cpp has no name for.
  public init(
    fileName: String, of model: GGUFModel, weights: [GGUFWeight], changed: Set<TensorName>
  ) throws(TensorError) {
    let header = model.header
    let known = weights.prefix(model.parts.count)
    var types = header.tensors.map(\.type)
    for (part, weight) in zip(model.parts, known) where changed.contains(weight.name) {
      types[part.tensor] = try Self.type(weight, model)
    }
    var entries = zip(header.tensors, types).map {
      GGUFFileHeader.Entry(name: $0.name, type: $1, shape: $0.shape)
    }
    for weight in weights.dropFirst(known.count) {
      entries.append(
        .init(
          name: try Self.name(weight, model), type: try Self.type(weight, model),
          shape: weight.shape))
    }
    guard let own = try GGUFFileHeader(entries, keepingNotesOf: model) else {
      throw .malformed(model.reader.path, format: .gguf, rule: "has a tensor of odd extents")
    }
    var placements: [GGUFPlacement] = []
    for part in model.parts {
      let old = header.tensors[part.tensor]
      let isKept = types[part.tensor] == old.type
      placements.append(
        GGUFPlacement(
          byteOffset: own.byteOffsets[part.tensor] + types[part.tensor].byteOffset(of: part.start),
          order: part.order, matrix: part.matrix, isShifted: part.isShifted,
          kept: isKept
            ? (model.reader, old.byteOffset + old.type.byteOffset(of: part.start), old.type) : nil))
    }
    for (number, weight) in weights.dropFirst(known.count).enumerated() {
      placements.append(
        GGUFPlacement(
          byteOffset: own.byteOffsets[header.tensors.count + number], order: .kept,
          matrix: weight.shape.matrix, isShifted: false, kept: nil))
    }
    let parted = Set(model.parts.map(\.tensor))
    self.init(
      fileName: fileName, headerBytes: own.bytes,
      tensors: weights.map {
        TensorInfo(
          name: $0.name, dtype: $0.dtype, shape: $0.shape, byteOffset: 0,
          byteCount: $0.shape.byteCount(of: $0.dtype) ?? 0)
      },
      fileByteCount: own.fileByteCount, placements: placements,
      copies: header.tensors.indices.filter { !parted.contains($0) }.map { number in
        let tensor = header.tensors[number]
        return Copy(
          reader: model.reader,
          range: tensor.byteOffset..<tensor.byteOffset + tensor.byteCount,
          byteOffset: own.byteOffsets[number])
      })
  }

  /// The GGUF file that a model's weights were read from, to be written again with weights of the
  /// same types.
  public init(fileName: String, restoring model: GGUFModel) throws(TensorError) {
    try self.init(
      fileName: fileName, of: model,
      weights: model.parts.map {
        .init(name: $0.name, dtype: model.dtype(of: $0), shape: $0.shape)
      },
      changed: [])
  }

  private static func type(
    _ weight: GGUFWeight, _ model: GGUFModel
  ) throws(TensorError) -> GGUFElementType {
    if let type = GGUFElementType(weight.dtype) { return type }
    throw .unsupported(
      model.reader.path,
      what: "a model with \(weight.name) of \(weight.dtype.rawValue), which "
        + "GGUF files do not have",
      advice: "Choose another type with --dtype.")
  }

  private static func name(
    _ weight: GGUFWeight, _ model: GGUFModel
  ) throws(TensorError) -> TensorName {
    if let dot = weight.name.text.lastIndex(of: "."),
      let module = model.names.gguf(String(weight.name.text[..<dot])),
      module == "output" || weight.name.text.hasSuffix(".bias") && !model.names.permutesHeads
    {
      return TensorName(module + weight.name.text[dot...])
    }
    throw .unsupported(
      model.reader.path,
      what: "a model without \(weight.name), which an adapter brings and llama.cpp has no name for",
      advice: "Write safetensors files with --container safetensors.")
  }
}

extension GGUFElementType {
  /// The first byte of an element that begins a block, counted from the tensor's first.
  fileprivate func byteOffset(of element: Int) -> Int {
    element / block.elementCount * block.byteCount
  }
}

extension GGUFModel {
  /// The file's first bytes, up to the data.
  public func headerBytes() throws(TensorError) -> [UInt8] {
    do { return try reader.bytes(at: 0, count: header.dataByteOffset) } catch { throw .file(error) }
  }
}
