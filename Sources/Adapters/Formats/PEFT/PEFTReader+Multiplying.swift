internal import JSON
internal import Tensors

/// Methods that multiply a weight instead of adding to it.
extension PEFTReader {
  /// (IA)³ (arXiv 2205.05638): a feed-forward module's inputs are scaled, another one's outputs,
  /// its bias included.
  ///
  /// A linear layer's vector says which by its shape, `[1, in]` or `[out, 1]`. A convolution's is
  /// `[1, n, 1…]` either way, so that the list of feed-forward modules decides.
  func ia3(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    let named = try named(parts, ["ia3_l"])
    guard let vector = named["ia3_l"] else { return [] }
    let extents = vector.shape.extents
    let side: WeightSide
    if extents.count == 2, extents[0] == 1 || extents[1] == 1 {
      let isFeedForward = try isFeedForward(module)
      side = extents[0] == 1 && (extents[1] != 1 || isFeedForward) ? .inputs : .outputs
    } else if extents.count > 2, extents.filter({ $0 != 1 }).count <= 1 {
      side = try isFeedForward(module) ? .inputs : .outputs
    } else {
      throw misshapen([vector], of: "one element for each input or output")
    }
    let isFanInFanOut = configuration.isFanInFanOut && extents.count == 2
    var updates = [
      WeightUpdate(
        target: TargetParameter(module),
        change: .gain(AxisGain(vector, of: side, isFanInFanOut: isFanInFanOut)))
    ]
    if side == .outputs {
      updates.append(
        WeightUpdate(
          target: TargetParameter(module, "bias"), change: .gain(AxisGain(vector, of: side)),
          isOptional: true))
    }
    return updates
  }

  /// Whether `feedforward_modules` names the module: a list of ends of paths, of which
  /// PEFT asks no dot before them, or one pattern.
  private func isFeedForward(_ module: TargetModule) throws(AdapterError) -> Bool {
    let key = "feedforward_modules"
    if let text = configuration.fields.value(key)?.string {
      do { return try ModulePattern(text).matches(module) } catch {
        throw configuration.fields.malformed(
          "has the pattern \"\(text.prefix(80))\" in \(key), which \(error.rule)")
      }
    }
    return try configuration.fields.strings(key).contains {
      module.path.hasSuffix($0)
    }
  }

  /// OFT (arXiv 2306.07280) as PEFT has it since 0.16: inputs are mapped block by block.
  func oft(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    let named = try named(parts, ["oft_R", "oft_embedding_R"])
    guard let (marker, source) = named.first else { return [] }
    guard named.count == 1 else {
      throw broken("has the blocks of a linear layer and of an embedding for \(module)")
    }
    // An embedding's rows are multiplied by R itself, a linear layer's by Rᵀ: Q turns its sign.
    let isEmbedding = marker == "oft_embedding_R"
    let fields = configuration.fields
    // n·(n − 1)/2 elements above the diagonal of a block of n rows.
    let elements = source.shape.extents.last ?? 0
    let size = Int((1 + Double(1 + 8 * elements).squareRoot()) / 2)
    guard source.shape.rank == 2, size > 1, size * (size - 1) / 2 == elements else {
      throw misshapen([source], of: "the upper triangles of blocks")
    }
    let count = source.shape.extents[0]
    let isShared = try fields.flag("block_share")
    guard !isShared || count == 1 else {
      throw broken("has \(source.name) of \(count) blocks, but its configuration shares one")
    }
    let terms = try fields.rank("num_cayley_neumann_terms") ?? 5
    let usesSeries =
      try fields.value("use_cayley_neumann") == nil
      ? true : fields.flag("use_cayley_neumann")
    let limit = try fields.flag("coft") ? fields.finite("eps") ?? 6e-5 : nil
    let blocks = RotationBlocks(
      source: source, storage: .triangle(isNegated: isEmbedding),
      map: usesSeries ? .series(terms: terms) : .cayley,
      limit: limit.map { $0 / Double(count).squareRoot() }, count: count, size: size,
      isShared: isShared)
    let rotation = Rotation(
      stages: [.init(blocks: blocks, order: nil)],
      isFanInFanOut: configuration.isFanInFanOut && !isEmbedding)
    return [WeightUpdate(target: TargetParameter(module), change: .rotation(rotation))]
  }

  /// BOFT (arXiv 2311.06243): several stages of blocks with butterfly orders between them, and a
  /// factor for each output.
  func boft(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    let named = try named(parts, ["boft_R", "boft_s"])
    guard !named.isEmpty else { return [] }
    let source = try part("boft_R", of: named, module)
    let gain = try part("boft_s", of: named, module)
    let extents = source.shape.extents
    guard extents.count == 4, extents[2] == extents[3], extents[2] > 0,
      gain.shape.extents.filter({ $0 != 1 }).count <= 1
    else { throw misshapen([source, gain], of: "the blocks and the factors of one update") }
    let (stageCount, count, size) = (extents[0], extents[1], extents[2])
    if stageCount > 1, size % 2 != 0 || stageCount > 32 || count % (1 << (stageCount - 1)) != 0 {
      throw misshapen([source], of: "the stages of a butterfly")
    }
    let stages = (0..<stageCount).map { stage in
      Rotation.Stage(
        blocks: RotationBlocks(
          source: source, storage: .square(stage: stage, factor: 0.5), map: .cayley, limit: nil,
          count: count, size: size, isShared: false),
        order: stage == 0 ? nil : Self.butterfly(stage: stage, count: count, size: size))
    }
    let rotation = Rotation(
      stages: stages, gain: gain, isFanInFanOut: configuration.isFanInFanOut)
    return [WeightUpdate(target: TargetParameter(module), change: .rotation(rotation))]
  }

  /// The order of entries in a later stage, as PEFT's `block_butterfly_perm` makes it: in groups of
  /// 2^stage blocks, the half blocks of even number come first, then those of odd number. Half
  /// block p of a group, which the sort sets at place i, is what place p is taken from i of.
  static func butterfly(stage: Int, count: Int, size: Int) -> [Int] {
    let half = size / 2
    let halves = 2 << stage
    let group = halves * half
    let sorted = Array(stride(from: 0, to: halves, by: 2)) + stride(from: 1, to: halves, by: 2)
    var order = [Int](repeating: 0, count: count * size)
    for start in stride(from: 0, to: count * size, by: group) {
      for (place, position) in sorted.enumerated() {
        for offset in 0..<half {
          order[start + position * half + offset] = start + place * half + offset
        }
      }
    }
    return order
  }
}
