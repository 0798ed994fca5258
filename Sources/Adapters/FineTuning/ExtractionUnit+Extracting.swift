internal import Compute
internal import Dispatch
internal import Files
internal import Tensors

/// What was found in one unit.
struct FoundChange: Sendable {
  var factors: StoredFactors?
  /// The singular values of the change, where they are looked at before factors are made.
  var spectrum: Spectrum?
  /// Whether the module is to be brought whole.
  var isWhole = false
  /// A bias that changed, of a module that is not brought whole.
  var bias: TunedTensor?
}

extension ExtractionUnit {
  /// Reads the unit's tensors and makes what is stored of them; without a selection the singular
  /// values instead of factors.
  func extracted(
    _ selection: RankSelection?, _ options: ExtractionOptions, _ execution: Execution
  ) throws(AdapterError) -> FoundChange {
    var found = FoundChange()
    if let matrix, let selection {
      found.factors = try matrix.pair.factors(
        isTurned: matrix.isTurned, selection, options, execution)
    } else if let matrix {
      found.spectrum = try matrix.pair.spectrum(execution)
    }
    found.isWhole = !added.isEmpty
    for pair in others where try !pair.isUnchanged(execution) {
      try pair.requireFinite(execution)
      if pair.role == .bias, !pair.isResized { found.bias = pair } else { found.isWhole = true }
    }
    if found.isWhole { found.bias = nil }
    return found
  }
}

extension TunedTensor {
  /// Throws where the fine-tuned tensor has a value that is NaN or infinite.
  fileprivate func requireFinite(_ execution: Execution) throws(AdapterError) {
    let pair = TensorPair(old: tuned, new: tuned)
    for piece in 0..<pair.count {
      let values = Conversion.floats(
        try tuned.bytes(ofPiece: piece, of: pair.count), of: tuned.dtype, form: execution.form)
      let count = Conversion.nonFiniteCount(values, form: execution.form)
      if count > 0 { throw .notFinite(tuned.file.reader.path, name, count: count) }
    }
  }
}

extension ExtractionUnit {
  /// What is reported of what was found; nothing where nothing changed.
  func report(_ found: FoundChange) -> [ExtractedModule] {
    var modules: [ExtractedModule] = []
    if let factors = found.factors, let matrix {
      modules.append(
        ExtractedModule(
          module: module, kind: .factors(factors.report), tensors: [matrix.pair.name],
          parameterCount: factors.a.shape.elementCount + factors.b.shape.elementCount))
    }
    if found.isWhole {
      let tensors = wholeTensors
      modules.append(
        ExtractedModule(
          module: module, kind: .whole, tensors: tensors.map(\.name),
          parameterCount: tensors.reduce(0) { $0 + $1.shape.elementCount }))
    }
    if let bias = found.bias {
      modules.append(
        ExtractedModule(
          module: module, kind: .bias, tensors: [bias.name],
          parameterCount: bias.tuned.shape.elementCount))
    }
    return modules
  }

  /// The tensors that stand for the module where it is brought whole.
  var wholeTensors: [StoredTensor] {
    (others.map(\.tuned) + added).sorted { $0.name < $1.name }
  }
}

/// Lets one large matrix be in memory at a time, and any number of others.
struct LargeMatrices: Sendable {
  /// From how many elements on a matrix is large: 64 MiB of Float.
  private static let limit = 1 << 24
  private let turn = DispatchSemaphore(value: 1)

  /// Whether a pair is one of which one is in memory at a time.
  static func isLarge(_ pair: TunedTensor) -> Bool { pair.base.shape.elementCount > limit }

  /// Does work on a matrix, when it is its turn.
  func taking<Value>(
    _ pair: TunedTensor?, _ work: () throws(AdapterError) -> Value
  ) throws(AdapterError) -> Value {
    guard let pair, Self.isLarge(pair) else { return try work() }
    turn.wait()
    defer { turn.signal() }
    return try work()
  }
}
