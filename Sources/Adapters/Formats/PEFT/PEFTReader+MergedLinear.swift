internal import JSON
internal import Tensors

/// loralib's and PEFT's (up to 0.2) MergedLinear: a fused weight whose rows are divided among g
/// parts, of which n are adapted, each by factors of its own.
extension PEFTReader {
  /// A is `[n·r, in]`, B `[n·(out/g), r]`, or with an axis more as a grouped convolution has it; rows
  /// of the j-th enabled part get s·Bⱼ·Aⱼ, other rows nothing.
  func mergedLinear(
    _ parts: PEFTTensors.Parts, of module: TargetModule
  ) throws(AdapterError) -> [WeightUpdate] {
    let factors = [
      parts[.a] ?? parts[.named("lora_A")], parts[.b] ?? parts[.named("lora_B")],
    ].compactMap { $0 }
    let others = parts.keys.filter { part in
      if case .whole = part { return false }
      return ![.a, .b, .named("lora_A"), .named("lora_B")].contains(part)
    }
    guard factors.count == 2 else {
      guard factors.isEmpty, others.isEmpty else {
        throw broken("has not both factors of \(module)")
      }
      return []
    }
    guard others.isEmpty else { throw broken("has more than two factors for \(module)") }
    let (a, b) = (factors[0], factors[1])
    for tensor in factors { try requireFloats(tensor) }
    let flags = configuration.fields.value("enable_lora")
    guard let enabled = flags?.elements?.map(\.bool), !enabled.contains(nil) else {
      throw configuration.fields.malformed("has enable_lora that is not a list of true and false")
    }
    let places = enabled.indices.filter { enabled[$0] == true }
    let rank = configuration.rank(of: module)
    let isGrouped = b.shape.rank == 3 && b.shape.extents[2] == 1
    guard !places.isEmpty, a.shape.rank == 2, b.shape.rank == 2 || isGrouped,
      a.shape.extents[0] == rank * places.count, b.shape.extents[1] == rank,
      b.shape.extents[0] % places.count == 0
    else { throw misshapen(factors, of: "the factors of \(places.count) enabled parts") }
    let height = b.shape.extents[0] / places.count
    let up = Factor.stored(b).blockDiagonal(places.count).placingRows(
      at: places.map { $0 * height..<($0 + 1) * height }, total: height * enabled.count)
    let delta = LowRank(
      a: .stored(a), b: up, scaling: configuration.scaling(of: module),
      placement: Placement(
        extents: [up.rows, a.shape.extents[1]], isFanInFanOut: configuration.isFanInFanOut))
    return [WeightUpdate(target: TargetParameter(module), change: .delta(.lowRank(delta)))]
  }
}
