internal import Compute
internal import Files
internal import Tensors

extension AdapterLayout {
  /// kohya's sd-scripts and LyCORIS: module paths joined by underscores behind a prefix, an alpha
  /// for each module, no configuration.
  ///
  /// Source: sd-scripts, networks/lora.py; LyCORIS, lycoris/modules. The modules are found in a base
  /// by flattening its names alike (`FlatName`): an underscore does not say what it was.
  static let kohya = AdapterLayout(
    format: .kohya,
    matches: { clues in
      clues.peftType == nil
        && clues.hasName { name in
          guard let (module, _) = KohyaReader.split(name) else { return false }
          return FlatName(module) != nil
        }
    },
    read: { source throws(AdapterError) in try KohyaReader(source: source).contents() })
}

/// Reads the tensors of kohya's and LyCORIS' files.
struct KohyaReader {
  let source: AdapterSource

  static let layout = "kohya's layout"

  /// The parts of modules, as the names end.
  private static let parts = [
    "lora_up.weight", "lora_down.weight", "lora_mid.weight", "alpha", "dora_scale", "scalar",
    "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2", "lokr_w1",
    "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2", "diff", "diff_b",
    "w_norm", "b_norm", "weight", "on_input", "a1.weight", "a2.weight", "b1.weight", "b2.weight",
    "bm.weight", "oft_blocks", "rescale",
  ]

  /// A name as module and part; nil where it has neither.
  static func split(_ name: String) -> (module: String, part: String)? {
    guard let dot = name.firstIndex(of: ".") else { return nil }
    let part = String(name[name.index(after: dot)...])
    return parts.contains(part) ? (String(name[..<dot]), part) : nil
  }

  func contents() throws(AdapterError) -> AdapterLayout.Contents {
    let tensors = try LayoutTensors(source, of: Self.layout) { name in
      Self.split(name).flatMap { FlatName($0.module) == nil ? nil : $0 }
    }
    var updates: [WeightUpdate] = []
    var methods: Set<AdapterMethod> = []
    for (module, parts) in tensors.modules {
      let (method, found) = try read(parts, of: module, tensors)
      updates += found
      methods.insert(method)
    }
    let base = source.note("ss_sd_model_name") ?? source.note("ss_base_model_version")
    // What most people call such a file, where its modules differ.
    let method = [AdapterMethod.dora, .loha, .lokr, .lora].first(where: methods.contains)
    return .init(method: method ?? .full, updates: updates, declaredBase: base)
  }

  private func read(
    _ parts: LayoutTensors.Parts, of module: TargetModule, _ tensors: LayoutTensors
  ) throws(AdapterError) -> (AdapterMethod, [WeightUpdate]) {
    if parts["lora_up.weight"] != nil || parts["lora_down.weight"] != nil {
      return try locon(parts, of: module, tensors)
    }
    if parts["diff"] != nil || parts["diff_b"] != nil {
      return (.full, try added(parts, "diff", "diff_b", of: module, tensors))
    }
    if parts["w_norm"] != nil || parts["b_norm"] != nil {
      return (.full, try added(parts, "w_norm", "b_norm", of: module, tensors))
    }
    if let found = try products(parts, of: module, tensors) { return found }
    throw .unsupported(
      source.path, what: "a LyCORIS \(Self.algorithm(parts)) adapter (\(module))",
      advice: "Merge it with LyCORIS or with the program it was made for.")
  }

  /// LoRA and LoCon: up `[out, r, 1…]`, down `[r, in, k…]`, or down `[r, in, 1…]` behind a core
  /// `[r, r, k…]` (Tucker).
  private func locon(
    _ parts: LayoutTensors.Parts, of module: TargetModule, _ tensors: LayoutTensors
  ) throws(AdapterError) -> (AdapterMethod, [WeightUpdate]) {
    try tensors.require(
      ["lora_up.weight", "lora_down.weight", "lora_mid.weight", "alpha", "dora_scale", "diff_b"],
      of: parts, layout: Self.layout)
    guard let (up, down) = try tensors.pair("lora_up.weight", "lora_down.weight", of: parts, module)
    else { preconditionFailure("one of the two is there") }
    let alpha = try alpha(parts)
    func scaling(_ rank: Int) -> Scaling { Scaling(alpha: alpha ?? Double(rank), rank: rank) }
    var factors = try tensors.lowRank(a: down, b: up, scaling: scaling)
    if let core = parts["lora_mid.weight"] {
      guard core.shape.rank > 2, core.shape.extents.prefix(2) == [factors.rank, factors.rank],
        down.shape.extents.dropFirst(2).allSatisfy({ $0 == 1 })
      else { throw tensors.misshapen([up, core, down], of: "a core and its two factors") }
      factors = LowRank(
        a: .modeProduct(core: core, .stored(down)), b: .stored(up), scaling: factors.scaling,
        placement: Placement(
          extents: Array(factors.placement.extents.prefix(2)) + core.shape.extents.dropFirst(2)))
    }
    return try whole(.lowRank(factors), .lora, parts, of: module, tensors)
  }

  /// LoHa and LoKr. LyCORIS scales by alpha over the rank once, and not at all where both of LoKr's
  /// matrices are whole.
  private func products(
    _ parts: LayoutTensors.Parts, of module: TargetModule, _ tensors: LayoutTensors
  ) throws(AdapterError) -> (AdapterMethod, [WeightUpdate])? {
    let (loHa, loKr) = (ProductForms.loHaParts, ProductForms.loKrParts)
    let isLoHa = parts.keys.contains(where: loHa.contains)
    guard isLoHa || parts.keys.contains(where: loKr.contains) else { return nil }
    let own = isLoHa ? loHa : loKr
    try tensors.require(
      own.union(["alpha", "dora_scale", "diff_b"]), of: parts, layout: Self.layout)
    let alpha = try alpha(parts)
    let forms = ProductForms(
      parts: parts.filter { own.contains($0.key) },
      missing: {
        source.broken("has no \($0) for \(module), though it has other parts of its update")
      },
      misshapen: { tensors.misshapen($0, of: $1) })
    func scaling(_ rank: Int) -> Scaling { Scaling(alpha: alpha ?? Double(rank), rank: rank) }
    let delta =
      isLoHa
      ? try forms.loHa { scaling($0) } : try forms.loKr { $0.map(scaling) ?? .one }
    return try whole(delta, isLoHa ? .loha : .lokr, parts, of: module, tensors)
  }

  /// A delta with what stands beside it: magnitudes, a change of the bias.
  private func whole(
    _ delta: Delta, _ method: AdapterMethod, _ parts: LayoutTensors.Parts,
    of module: TargetModule, _ tensors: LayoutTensors
  ) throws(AdapterError) -> (AdapterMethod, [WeightUpdate]) {
    var updates = try added(parts, "", "diff_b", of: module, tensors)
    let target = TargetParameter(module)
    guard let magnitude = parts["dora_scale"] else {
      updates.append(WeightUpdate(target: target, change: .delta(delta)))
      return (method, updates)
    }
    let extents = magnitude.shape.extents
    let rows = delta.placement?.matrix.rows ?? 0
    guard extents.count < 2 || extents[0] != 1 || rows == 1 else {
      throw .unsupported(
        source.path, what: "a LyCORIS DoRA with magnitudes of inputs (\(magnitude.name))",
        advice: "Merge it with LyCORIS.")
    }
    try tensors.checkMagnitude(magnitude, rows: rows)
    updates.append(WeightUpdate(target: target, change: .magnitude(delta, magnitude)))
    return (.dora, updates)
  }

  /// What is added to a weight and a bias as it is stored.
  private func added(
    _ parts: LayoutTensors.Parts, _ weight: String, _ bias: String, of module: TargetModule,
    _ tensors: LayoutTensors
  ) throws(AdapterError) -> [WeightUpdate] {
    if !weight.isEmpty {
      try tensors.require([weight, bias, "alpha"], of: parts, layout: Self.layout)
    }
    return [(weight, "weight"), (bias, "bias")].compactMap { part, parameter in
      parts[part].map {
        WeightUpdate(
          target: TargetParameter(module, parameter), change: .delta(.stored($0, factor: 1)))
      }
    }
  }

  /// The module's alpha; nil where it has none or 0, which both mean its rank.
  private func alpha(_ parts: LayoutTensors.Parts) throws(AdapterError) -> Double? {
    guard let tensor = parts["alpha"] else { return nil }
    let number = try tensor.number()
    return number == 0 ? nil : number
  }

  private static func algorithm(_ parts: LayoutTensors.Parts) -> String {
    let clues = [("oft_blocks", "OFT"), ("a1.weight", "GLoRA"), ("on_input", "IA3")]
    return clues.first { parts[$0.0] != nil }?.1 ?? "other"
  }
}

extension StoredTensor {
  /// The only element of a tensor that has one; throws where it has more or is not finite.
  func number() throws(AdapterError) -> Double {
    guard shape.elementCount == 1 else {
      throw .inconsistent(
        file.reader.path, rule: "has \(name) of shape \(shape), which is no single number")
    }
    if [.f32, .f16, .bf16, .f64].contains(dtype) { return Double(try floats(form: .scalar)[0]) }
    // Some programs write a whole alpha as one.
    guard [.i64, .i32, .i16, .i8, .u8].contains(dtype), let bytes = try? file.bytes(of: info),
      let last = bytes.last
    else {
      throw .inconsistent(
        file.reader.path, rule: "has \(name) of type \(dtype.rawValue), which is no number here")
    }
    let sign: Int64 = dtype != .u8 && last & 0x80 != 0 ? -1 : 0
    return Double(bytes.reversed().reduce(sign) { $0 << 8 | Int64($1) })
  }
}
