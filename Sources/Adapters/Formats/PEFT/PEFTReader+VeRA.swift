internal import JSON
internal import Tensors

/// VeRA: two vectors a module, and projections that all of them share.
extension PEFTReader {
  func vera(
    _ parts: PEFTTensors.Parts, of module: TargetModule, among tensors: PEFTTensors
  ) throws(AdapterError) -> [WeightUpdate] {
    let named = try named(parts, ["vera_lambda_b", "vera_lambda_d", "vera_A", "vera_B"])
    guard named["vera_lambda_b"] != nil || named["vera_lambda_d"] != nil else { return [] }
    let outputs = try part("vera_lambda_b", of: named, module)
    let ranks = try part("vera_lambda_d", of: named, module)
    guard outputs.shape.rank == 1, ranks.shape.rank == 1 else {
      throw misshapen([outputs, ranks], of: "two vectors")
    }
    let delta = VeRA(
      outputs: outputs, ranks: ranks,
      projections: try projections(rank: ranks.shape.elementCount, among: tensors),
      isFanInFanOut: configuration.isFanInFanOut, path: path)
    return [WeightUpdate(target: TargetParameter(module), change: .delta(.open(delta)))]
  }

  private func projections(
    rank: Int, among tensors: PEFTTensors
  ) throws(AdapterError) -> VeRA.Projections {
    let shared = tensors.modules.values
    let (a, b) = (
      shared.compactMap { $0[.named("vera_A")] }.first,
      shared.compactMap { $0[.named("vera_B")] }.first
    )
    if let a, let b {
      guard a.shape.rank == 2, b.shape.rank == 2, a.shape.extents[0] == rank,
        b.shape.extents[1] == rank
      else { throw misshapen([a, b], of: "the shared projections of rank \(rank)") }
      return .stored(a: a, b: b)
    }
    guard a == nil, b == nil else { throw broken("has one of two shared projections") }
    let key = configuration.fields.value("projection_prng_key")
    guard let seed = key.map(\.integer) ?? 0 else {
      throw configuration.fields.malformed("has projection_prng_key that is no whole number")
    }
    let modules = tensors.modules.filter { $0.value[.named("vera_lambda_b")] != nil }
    return .drawn(
      seed: UInt64(bitPattern: Int64(seed)), targets: modules.keys.sorted(),
      widestOutputs: modules.values.compactMap {
        $0[.named("vera_lambda_b")]?.shape.elementCount
      }.max() ?? 0)
  }
}
