internal import Tensors

/// The tensors of a file by module and part, for layouts whose names say both.
struct LayoutTensors {
  /// The parts of one module by the names that the layout gives them.
  typealias Parts = [String: StoredTensor]

  /// The modules, sorted, each with its parts.
  let modules: [(module: TargetModule, parts: Parts)]
  private let source: AdapterSource
  /// The parts that are single numbers, which some programs write as whole ones.
  private static let numbers: Set<String> = ["alpha", "on_input"]

  /// Sorts the tensors of a file; `split` takes a name apart, and is nil for one that has no place
  /// in the layout. Throws for such a name, for two that mean the same, and for types that no
  /// training has.
  init(
    _ source: AdapterSource, of layout: String,
    split: (String) throws(AdapterError) -> (module: String, part: String)?
  ) throws(AdapterError) {
    var modules: [TargetModule: Parts] = [:]
    for info in source.file.tensors {
      guard info.name.text.utf8.count <= PEFTTensors.nameLimit else {
        throw source.broken(
          "has a tensor whose name is \(info.name.text.utf8.count) bytes long")
      }
      guard let (module, part) = try split(info.name.text) else {
        throw source.broken("has the tensor \(info.name), which no rule of \(layout) explains")
      }
      let isTrained = [.f32, .f16, .bf16, .f64].contains(info.dtype)
      guard isTrained || Self.numbers.contains(part) && info.shape.elementCount == 1 else {
        throw source.broken(
          "has \(info.name) of type \(info.dtype.rawValue), which is no trained type")
      }
      let stored = StoredTensor(info, in: source.file)
      let earlier = modules[TargetModule(module), default: [:]].updateValue(stored, forKey: part)
      if let earlier {
        throw source.broken("has \(earlier.name) and \(info.name), which mean the same tensor")
      }
    }
    self.source = source
    self.modules = modules.map { (module: $0.key, parts: $0.value) }
      .sorted { $0.module < $1.module }
  }

  /// Two of a module's parts that make sense together only; nil where it has neither.
  func pair(
    _ first: String, _ second: String, of parts: Parts, _ module: TargetModule
  ) throws(AdapterError) -> (StoredTensor, StoredTensor)? {
    switch (parts[first], parts[second]) {
    case (nil, nil): return nil
    case (let a?, let b?): return (a, b)
    case (let a, nil):
      throw source.broken("has \(a?.name ?? "") for \(module) and no \(second) beside it")
    case (nil, let b):
      throw source.broken("has \(b?.name ?? "") for \(module) and no \(first) beside it")
    }
  }

  /// Throws where a module has a part that is not among the known ones.
  func require(_ known: Set<String>, of parts: Parts, layout: String) throws(AdapterError) {
    let strays = parts.filter { !known.contains($0.key) }.map(\.value.name)
    if let stray = strays.min() {
      throw source.broken("has the tensor \(stray), which no rule of \(layout) explains")
    }
  }

  /// The error for tensors whose shapes contradict one another.
  func misshapen(_ tensors: [StoredTensor], of what: String) -> AdapterError {
    source.broken(
      "has "
        + tensors.map { "\($0.name) of shape \($0.shape)" }.joined(separator: " and ")
        + ", which are not \(what)")
  }

  /// The factors of a linear layer or a convolution: A `[rank, in, k…]`, B `[out, rank, 1…]`.
  ///
  /// A kernel of 1 counts as none, so that the factors fit a linear layer's weight too.
  func lowRank(
    a: StoredTensor, b: StoredTensor, scaling: (Int) -> Scaling
  ) throws(AdapterError) -> LowRank {
    let (shapeA, shapeB) = (a.shape.extents, b.shape.extents)
    guard 2...5 ~= shapeA.count, shapeB.count >= 2, shapeB.dropFirst(2).allSatisfy({ $0 == 1 }),
      shapeA[0] == shapeB[1], shapeA[0] > 0
    else { throw misshapen([a, b], of: "two factors of one update") }
    var kernel = Array(shapeA.dropFirst(2))
    if kernel.allSatisfy({ $0 == 1 }) { kernel = [] }
    return LowRank(
      a: .stored(a), b: .stored(b), scaling: scaling(shapeA[0]),
      placement: Placement(extents: [shapeB[0], shapeA[1]] + kernel, mayFoldKernel: true))
  }

  /// What factors and DoRA's magnitudes, one for each row, do to a weight. Rows of `heads` wait for a
  /// base to be put in its order, but for models of the kept types.
  func change(
    _ factors: LowRank, magnitude: StoredTensor? = nil, heads: HeadRows? = nil,
    keptTypes: [String] = []
  ) throws(AdapterError) -> WeightUpdate.Change {
    if let magnitude { try checkMagnitude(magnitude, rows: factors.b.rows) }
    guard let heads else {
      return magnitude.map { .magnitude(.lowRank(factors), $0) } ?? .delta(.lowRank(factors))
    }
    if let magnitude, magnitude.info.strides != nil {
      throw source.broken("has \(magnitude.name), whose elements do not follow one another")
    }
    return .delta(
      .open(
        MetaRows(
          factors: factors, magnitude: magnitude, heads: heads, keptTypes: keptTypes,
          path: source.path)))
  }

  /// Throws unless a magnitude has one entry for each row of B.
  func checkMagnitude(_ magnitude: StoredTensor, rows: Int) throws(AdapterError) {
    guard magnitude.shape.extents.filter({ $0 != 1 }) == [rows].filter({ $0 != 1 }) else {
      throw source.broken(
        "has \(magnitude.name) of shape \(magnitude.shape) for an update of \(rows) rows")
    }
  }
}
