internal import Compute
internal import Files
internal import JSON
internal import Tensors

/// The quantised weights of a checkpoint, and the tensors that only say how they are quantised.
struct QuantisedTensors {
  /// What stands for what, by the weight's name.
  private(set) var weights: [TensorName: any QuantisedWeight] = [:]
  /// The tensors that are no weights themselves.
  private(set) var hidden: Set<TensorName> = []
  private let base: Checkpoint
  private let form: KernelForm

  /// Finds them by their names, checks them against one another, and reads their tables, which are
  /// small. Throws where one is missing or of another size than the weight needs.
  init(of base: Checkpoint, form: KernelForm) throws(AdapterError) {
    self.base = base
    self.form = form
    for name in base.names.map(\.text) {
      if let range = name.firstRange(of: ".quant_state.bitsandbytes__") {
        try addFourBits(String(name[..<range.lowerBound]), state: name)
      } else if name.hasSuffix(".SCB") {
        try addEightBits(String(name.dropLast(".SCB".count)))
      } else if name.hasSuffix(".scales"), config("quantization") != nil {
        try addGroups(String(name.dropLast(".scales".count)))
      }
    }
  }

  private func config(_ key: String) -> JSONValue? { base.config?[key] }

  private func tensor(_ name: String) -> StoredTensor? {
    base[TensorName(name)].map { StoredTensor($0.info, in: base.shards[$0.shard]) }
  }

  /// A tensor that belongs to a weight, of a type and a number of elements.
  private func part(
    _ name: String, _ type: DType, count: Int, of weight: StoredTensor
  ) throws(AdapterError) -> StoredTensor {
    guard let found = tensor(name) else { throw fault(weight, "lacks \(name), which it needs") }
    guard found.dtype == type, found.shape.elementCount == count, found.info.strides == nil else {
      throw fault(
        found,
        "is \(found.dtype.rawValue) \(found.shape) where \(weight.name) needs \(count) of "
          + type.rawValue)
    }
    return found
  }

  private func fault(_ tensor: StoredTensor, _ rule: String) -> AdapterError {
    .tensor(.malformedTensor(tensor.file.reader.path, tensor.name, rule: rule))
  }

  private func floats(_ tensor: StoredTensor) throws(AdapterError) -> [Float] {
    do {
      return try tensor.floats(0..<tensor.shape.elementCount)
    } catch { throw .file(error) }
  }

  private mutating func addFourBits(_ name: String, state stateName: String) throws(AdapterError) {
    guard let state = tensor(stateName) else { return }
    guard let codes = tensor(name) else {
      throw fault(state, "belongs to \(name), which is not there")
    }
    guard state.dtype == .u8, state.info.byteCount <= 1 << 16 else {
      throw fault(state, "is no state of a quantised weight")
    }
    let text: [UInt8]
    do { text = try state.octets(0..<state.info.byteCount) } catch { throw .file(error) }
    guard let document = try? JSONValue(parsing: text),
      let blockSize = document["blocksize"]?.integer, (2...1 << 20).contains(blockSize),
      let extents = document["shape"]?.elements?.compactMap(\.integer),
      let shape = Shape(extents), shape.elementCount > 0,
      let dtype = DType(torchName: document["dtype"]?.string), dtype != .f64
    else { throw fault(state, "says no block size, shape and type that weights can have") }
    let count = shape.elementCount
    guard codes.info.byteCount == (count + 1) / 2, codes.info.strides == nil else {
      throw fault(
        codes, "has \(codes.info.byteCount) bytes where \(shape) needs \((count + 1) / 2)")
    }
    let blockCount = (count + blockSize - 1) / blockSize
    var map = try floats(try part(name + ".quant_map", .f32, count: 16, of: codes))
    // FP4 has a sign bit, and its decoder a negative zero where the stored table has a positive one.
    if document["quant_type"]?.string == "fp4", map[8] == 0 { map[8] = -0.0 }
    let nested = try nested(name, document, blockCount, codes, state)
    let absmax = try part(
      name + ".absmax", nested == nil ? .f32 : .u8, count: blockCount, of: codes)
    weights[TensorName(name)] = FourBitWeight(
      name: TensorName(name), dtype: dtype, shape: shape, codes: codes, map: map,
      absmax: absmax, blockSize: blockSize, nested: nested)
    hide(
      [stateName]
        + [".quant_map", ".absmax", ".nested_absmax", ".nested_quant_map"].map {
          name + $0
        })
  }

  private func nested(
    _ name: String, _ document: JSONValue, _ blockCount: Int, _ codes: StoredTensor,
    _ state: StoredTensor
  ) throws(AdapterError) -> FourBitWeight.Nested? {
    guard tensor(name + ".nested_absmax") != nil || document["nested_blocksize"] != nil else {
      return nil
    }
    guard let size = document["nested_blocksize"]?.integer, (1...1 << 20).contains(size),
      let offset = document["nested_offset"]?.number
    else { throw fault(state, "says no block size and offset of the scales") }
    return FourBitWeight.Nested(
      absmax: try part(
        name + ".nested_absmax", .f32, count: (blockCount + size - 1) / size, of: codes),
      map: try floats(try part(name + ".nested_quant_map", .f32, count: 256, of: codes)),
      blockSize: size, offset: Float(offset))
  }

  private mutating func addEightBits(_ module: String) throws(AdapterError) {
    let name = module + ".weight"
    guard let codes = tensor(name), codes.dtype == .i8 else { return }
    guard codes.shape.rank == 2, codes.info.strides == nil else {
      throw fault(codes, "is no matrix of rows")
    }
    let scales = try part(module + ".SCB", .f32, count: codes.shape.extents[0], of: codes)
    if let format = tensor(module + ".weight_format") {
      let bytes: [UInt8]
      do { bytes = try format.octets(0..<min(format.info.byteCount, 1)) } catch {
        throw .file(error)
      }
      guard bytes.first == 0 else { throw fault(format, "is not 0, the only order of rows known") }
    }
    let named = config("torch_dtype")?.string ?? config("dtype")?.string
    weights[codes.name] = EightBitWeight(
      name: codes.name, dtype: DType(torchName: named) ?? .f16, codes: codes, scales: scales)
    hide([module + ".SCB", module + ".weight_format"])
  }

  private mutating func addGroups(_ module: String) throws(AdapterError) {
    let name = module + ".weight"
    guard let codes = tensor(name), codes.dtype == .u32, let scales = tensor(module + ".scales")
    else { return }
    let all = config("quantization")
    let own = all?[module]
    let mode = own?["mode"]?.string ?? all?["mode"]?.string ?? "affine"
    guard mode == "affine" else {
      throw .unsupported(
        base.path, what: "a base quantised by MLX in the mode \(mode)",
        advice: "Name the full-precision weights that it was made from as the base.")
    }
    guard let bits = own?["bits"]?.integer ?? all?["bits"]?.integer, (2...8).contains(bits),
      let groupSize = own?["group_size"]?.integer ?? all?["group_size"]?.integer, groupSize > 0,
      codes.shape.rank == 2, codes.info.strides == nil, scales.shape.rank == 2,
      scales.info.strides == nil, [.f16, .bf16, .f32].contains(scales.dtype)
    else { throw fault(codes, "says no bits and group size that its tensors fit") }
    let (rows, words) = (codes.shape.extents[0], codes.shape.extents[1])
    let columns = words * 32 / bits
    guard words * 32 == columns * bits, columns % groupSize == 0,
      let shape = Shape([rows, columns]),
      scales.shape.extents == [rows, columns / groupSize]
    else { throw fault(scales, "is \(scales.shape), which does not fit \(name) \(codes.shape)") }
    let biases = try part(
      module + ".biases", scales.dtype, count: scales.shape.elementCount, of: codes)
    weights[codes.name] = GroupedWeight(
      name: codes.name, shape: shape, codes: codes, scales: scales, biases: biases, bits: bits,
      groupSize: groupSize, form: form)
    hide([module + ".scales", module + ".biases"])
  }

  private mutating func hide(_ names: [String]) {
    for name in names where base[TensorName(name)] != nil { hidden.insert(TensorName(name)) }
  }
}

extension DType {
  /// The type of a name that PyTorch or `config.json` use, such as `bfloat16` or `torch.float16`.
  init?(torchName: String?) {
    guard let torchName else { return nil }
    let name = torchName.hasPrefix("torch.") ? String(torchName.dropFirst(6)) : torchName
    guard let found = Self.allCases.first(where: { $0.torchName == name }) else { return nil }
    self = found
  }
}
