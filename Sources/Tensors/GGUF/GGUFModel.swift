internal import Files
public import JSON

/// A model in a GGUF file, under the names and in the orders of transformers.
///
/// Weights of F32, F16 and BF16 are read as they are, those of Q8_0 as the single-precision numbers
/// that they stand for, exactly.
public struct GGUFModel: Sendable {
  /// A weight as transformers has it, and where it lies.
  struct Part: Sendable {
    let name: TensorName
    /// The position of the stored tensor in the header.
    let tensor: Int
    /// Its first element in that tensor: an expert's, in a stack of them.
    let start: Int
    let shape: Shape
    let order: GGUFOrder
    /// Whether 1 was added to it.
    let isShifted: Bool

    /// Its extents as a matrix; a vector has one column.
    var matrix: (rows: Int, columns: Int) { shape.matrix }
  }

  /// The most experts that a stack is taken apart into.
  private static let expertLimit = 1 << 14

  /// What the file's header says.
  public let header: GGUFHeader
  /// The names of its architecture.
  public let names: GGUFNames
  /// What transformers' configuration would say, as far as the file does.
  public let config: JSONValue
  let reader: FileReader
  let parts: [Part]
  private let numbers: [TensorName: Int]

  /// Reads a model's header. Throws `unsupported` where the architecture or a tensor's quantisation
  /// is not known here.
  init(reading reader: FileReader) throws(TensorError) {
    self.reader = reader
    header = try GGUFHeader(reading: reader)
    let kind = header.note("general.type") ?? "model"
    guard kind == "model" else {
      throw .notATensorFile(reader.path, what: "a GGUF file of the type \(excerpt(kind))")
    }
    let architecture = header.note("general.architecture") ?? ""
    let experts = header.note("\(architecture).expert_count").flatMap { Int($0) } ?? 0
    guard let names = GGUFNames(architecture: architecture, hasExperts: experts > 0) else {
      throw .unsupported(
        reader.path,
        what: architecture.isEmpty
          ? "a GGUF file that names no architecture"
          : "a GGUF model of the architecture \(excerpt(architecture))",
        advice: "Models of \(GGUFNames.knownModels) are read; name the safetensors files that "
          + "others were made from.")
    }
    self.names = names
    config = Self.config(header, names)
    if let count = header.note("split.count").flatMap({ Int($0) }), count > 1 {
      throw .unsupported(
        reader.path, what: "one of \(count) parts of a GGUF model",
        advice: "Join them with llama.cpp's llama-gguf-split --merge.")
    }
    var parts: [Part] = []
    for number in header.tensors.indices { parts += try Self.parts(number, header, names, reader) }
    self.parts = parts
    numbers = Dictionary(
      parts.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The weights of one stored tensor; none where transformers has no such weight, which then says
  /// something that its configuration does.
  private static func parts(
    _ number: Int, _ header: GGUFHeader, _ names: GGUFNames, _ reader: FileReader
  ) throws(TensorError) -> [Part] {
    let tensor = header.tensors[number]
    let name = tensor.name.text
    guard let dot = name.lastIndex(of: ".") else { return [] }
    let (module, parameter) = (String(name[..<dot]), String(name[name.index(after: dot)...]))
    let shape = tensor.shape
    if shape.rank == 3, shape.elementCount > 0, let first = shape.extents.first,
      first <= expertLimit, let experts = names.experts(module, count: first),
      let each = Shape(Array(shape.extents.dropFirst()))
    {
      try requireType(of: tensor, in: reader)
      return experts.enumerated().map { expert, module in
        Part(
          name: TensorName("\(module).\(parameter)"), tensor: number,
          start: expert * each.elementCount, shape: each, order: .kept, isShifted: false)
      }
    }
    guard let known = names.transformers(module) else { return [] }
    try requireType(of: tensor, in: reader)
    let isShifted = names.shiftsNorms && parameter == "weight" && module.hasSuffix("norm")
    if isShifted, tensor.type != .f32 {
      throw .malformedTensor(
        reader.path, tensor.name, rule: "is \(tensor.type.name), where norms are f32")
    }
    let order = try order(of: tensor, module, header, names, reader)
    let own = order == .turned ? Shape(shape.extents.reversed()) : shape
    return [
      Part(
        name: TensorName("\(known).\(parameter)"), tensor: number, start: 0, shape: own ?? shape,
        order: order, isShifted: isShifted)
    ]
  }

  private static func requireType(
    of tensor: GGUFHeader.Tensor, in reader: FileReader
  ) throws(TensorError) {
    guard tensor.dtype == nil, tensor.type != .q8_0 else { return }
    throw .unsupported(
      reader.path,
      what: "a model whose \(excerpt(tensor.name.text)) is quantised as \(tensor.type.name)",
      advice:
        "Models of F32, F16, BF16 and Q8_0 are read: name the one that it was quantised from, "
        + "and quantise the merged model with llama.cpp's llama-quantize.")
  }

  private static func order(
    of tensor: GGUFHeader.Tensor, _ module: String, _ header: GGUFHeader, _ names: GGUFNames,
    _ reader: FileReader
  ) throws(TensorError) -> GGUFOrder {
    if names.turnsMatrices, module.hasPrefix("blk."), tensor.shape.rank == 2 { return .turned }
    guard names.permutesHeads else { return .kept }
    let keys: [String]
    switch module.split(separator: ".").last {
    case "attn_q": keys = ["head_count"]
    case "attn_k": keys = ["head_count_kv", "head_count"]
    default: return .kept
    }
    let rows = tensor.shape.extents.first ?? 0
    let found = keys.lazy.compactMap { header.note("\(names.architecture).attention.\($0)") }.first
    guard let heads = found.flatMap({ Int($0) }), heads > 0, rows > 0, rows % heads == 0,
      (rows / heads) % 2 == 0
    else {
      // Its bytes may be as they should, so that it can still be kept.
      throw .unsupported(
        reader.path,
        what: "a GGUF model whose \(tensor.name) has \(rows) rows, which are no heads of pairs by "
          + "its \(names.architecture).attention notes",
        advice: "Name the safetensors files that it was made from.")
    }
    return .heads(width: rows / heads)
  }

  private static func config(_ header: GGUFHeader, _ names: GGUFNames) -> JSONValue {
    var config: JSONValue = ["model_type": .string(names.modelType)]
    for (key, note) in [
      ("num_attention_heads", "attention.head_count"),
      ("num_key_value_heads", "attention.head_count_kv"),
      ("head_dim", "attention.key_length"), ("hidden_size", "embedding_length"),
      ("intermediate_size", "feed_forward_length"), ("num_hidden_layers", "block_count"),
      ("num_experts", "expert_count"),
    ] {
      let value = header.note("\(names.architecture).\(note)").flatMap { Int($0) }
      if let value { config.set(key, to: .integer(value)) }
    }
    let hasHead = header.tensors.contains { $0.name.text == "output.weight" }
    config.set("tie_word_embeddings", to: .bool(!hasHead))
    return config
  }

  /// The stored type of a weight; its own type is that of its elements, or F32 where it is quantised.
  func dtype(of part: Part) -> DType { header.tensors[part.tensor].dtype ?? .f32 }

  /// The weights that one stored tensor holds, of which this is one.
  public func stored(with name: TensorName) -> [TensorName] {
    guard let number = numbers[name] else { return [name] }
    let tensor = parts[number].tensor
    var (first, last) = (number, number)
    while first > 0, parts[first - 1].tensor == tensor { first -= 1 }
    while last + 1 < parts.count, parts[last + 1].tensor == tensor { last += 1 }
    return parts[first...last].map(\.name)
  }

  /// Whether some weights are quantised.
  public var isQuantised: Bool { header.tensors.contains { $0.type == .q8_0 } }

  /// Whether a weight is quantised.
  public func isQuantised(_ name: TensorName) -> Bool {
    numbers[name].map { header.tensors[parts[$0].tensor].type == .q8_0 } ?? false
  }
}
