internal import Files
internal import JSON
internal import Tensors

/// Variants of LoRA that store a factor in another form.
extension PEFTReader {
  /// The factors of a linear layer as a variant means them; `a` and `b` are as they are stored.
  func variant(
    a: StoredTensor, b: StoredTensor, scaling: Scaling, of module: TargetModule
  ) throws(AdapterError) -> LowRank? {
    if configuration.fields.isSet("use_qalora") {
      return try quantisationAware(a: a, b: b, scaling: scaling, of: module)
    }
    if configuration.fields.isSet("use_bdlora") {
      return try blockDiagonal(a: a, b: b, scaling: scaling, of: module)
    }
    return nil
  }

  /// QA-LoRA (arXiv 2309.14717): A acts on the means of groups of g inputs, times in / g; that is an
  /// A whose columns repeat g times, times in / g².
  private func quantisationAware(
    a: StoredTensor, b: StoredTensor, scaling: Scaling, of module: TargetModule
  ) throws(AdapterError) -> LowRank {
    let group = try configuration.fields.rank("qalora_group_size") ?? 16
    let (rank, groups) = try matrix(a, b)
    let inputs = groups.multipliedReportingOverflow(by: group)
    guard !inputs.overflow, rank == configuration.rank(of: module) else {
      throw misshapen([a, b], of: "factors of groups of \(group) inputs")
    }
    return LowRank(
      a: Factor.stored(a).selectingColumns(.repeated(times: group, count: inputs.partialValue)),
      b: .stored(b),
      scaling: scaling.times(Double(inputs.partialValue) / Double(group) / Double(group)),
      placement: Placement(
        extents: [b.shape.extents[0], inputs.partialValue],
        isFanInFanOut: configuration.isFanInFanOut))
  }

  /// BD-LoRA: one of the factors is block-diagonal and stored as its blocks on top of one another.
  private func blockDiagonal(
    a: StoredTensor, b: StoredTensor, scaling: Scaling, of module: TargetModule
  ) throws(AdapterError) -> LowRank {
    guard let settings = configuration.fields.value("use_bdlora"), settings.members != nil else {
      throw configuration.fields.malformed("has use_bdlora that is not an object")
    }
    let count = settings["nblocks"]?.integer ?? 1
    func names(_ key: String) -> Bool {
      (settings[key]?.elements ?? []).compactMap(\.string).contains(where: module.kind.contains)
    }
    let (isA, isB) = (names("target_modules_bd_a"), names("target_modules_bd_b"))
    guard count > 0, !(isA && isB), a.shape.rank == 2, b.shape.rank == 2,
      a.shape.extents[0] % (isA ? count : 1) == 0, b.shape.extents[0] % (isB ? count : 1) == 0,
      !a.shape.extents[1].multipliedReportingOverflow(by: count).overflow
    else { throw misshapen([a, b], of: "blocks of \(count) factors") }
    let down = isA ? Factor.stored(a).blockDiagonal(count) : .stored(a)
    let up = isB ? Factor.stored(b).blockDiagonal(count) : .stored(b)
    guard down.rows == up.columns, down.rows == configuration.rank(of: module) else {
      throw misshapen(
        [a, b], of: "blocks of two factors of rank \(configuration.rank(of: module))")
    }
    return LowRank(
      a: down, b: up, scaling: scaling,
      placement: Placement(
        extents: [up.rows, down.columns], isFanInFanOut: configuration.isFanInFanOut))
  }

  /// The rank and the columns of A, where A and B are matrices of one rank.
  private func matrix(
    _ a: StoredTensor, _ b: StoredTensor
  ) throws(AdapterError) -> (rank: Int, columns: Int) {
    guard a.shape.rank == 2, b.shape.rank == 2, a.shape.extents[0] == b.shape.extents[1] else {
      throw misshapen([a, b], of: "two factors of one update")
    }
    return (a.shape.extents[0], a.shape.extents[1])
  }

  /// MoRA: one square under the name of A, and again under that of B.
  func mora(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    guard let square = parts[.a] ?? parts[.b] else { return [] }
    let twin = parts[.b] ?? square
    try requireFloats(square)
    let others = parts.keys.filter { part in
      if case .whole = part { return false }
      return part != .a && part != .b
    }
    guard others.isEmpty else {
      throw broken("has tensors beside the square of MoRA for \(module)")
    }
    let extents = square.shape.extents
    guard extents.count == 2, extents[0] == extents[1], twin.shape == square.shape else {
      throw misshapen([square, twin], of: "one square, stored twice")
    }
    guard !configuration.isFanInFanOut else {
      throw .unsupported(
        path,
        what: "a MoRA on layers that store [in, out] (fan_in_fan_out), which its own code "
          + "merges untransposed",
        advice:
          "Check with the code that trained it what it computes, and train it on linear layers.")
    }
    let type = configuration.fields.value("mora_type")?.integer ?? 1
    guard [1, 2, 3, 4, 6].contains(type) else {
      throw .unsupported(
        path, what: "a MoRA of type \(configuration.fields.value("mora_type")?.text() ?? "?")",
        advice: "Types 1, 2, 3, 4 and 6 are defined; its own code fails on others.")
    }
    let delta = MoRA(
      square: square, twin: twin, type: type, rank: configuration.rank(of: module), path: path)
    return [WeightUpdate(target: TargetParameter(module), change: .delta(.open(delta)))]
  }
}
