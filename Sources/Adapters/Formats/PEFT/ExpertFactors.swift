internal import Files
internal import Tensors

/// LoRA on a parameter instead of a layer (`target_parameters`), mostly the fused experts of a
/// mixture: A `[r·E, a]` and B `[b, r·E]` hold the factors of all E experts at once.
///
/// Expert e has rows e·r to (e + 1)·r of A, but columns e, E + e, 2E + e … of B. The parameter
/// `[E, p, q]` is `[E, out, in]` in most models, and its expert's update is B·A with a = q and b = p;
/// it is (B·A)ᵀ with a = p and b = q for models that store `[E, in, out]`, and for everything that
/// PEFT before 0.19 wrote. Where p = q shapes do not tell, so that version and model decide.
struct ExpertFactors: OpenDelta {
  let a: StoredTensor
  let b: StoredTensor
  /// The parameters of the module that they may be for, the likeliest first, with their ranks and
  /// scalings.
  let parameters: [Parameter]
  /// Whether PEFT before 0.19 wrote them.
  let isOld: Bool
  /// The adapter, for errors.
  let path: Path

  struct Parameter {
    let name: String
    let rank: Int
    let scaling: Scaling
  }

  var tensors: [StoredTensor] { [a, b] }
  var rankBound: Int? { parameters.first?.rank }
  var scaling: Double { parameters.first?.scaling.factor ?? 1 }

  func settled(
    at target: TargetParameter, on base: BaseView
  ) throws(AdapterError) -> [WeightUpdate]? {
    var found: (Parameter, FusedParameter)?
    for parameter in parameters {
      let target = TargetParameter(target.module, parameter.name)
      guard let fused = FusedParameter(target, on: base) else { continue }
      found = found ?? (parameter, fused)
      if let factors = try factors(of: parameter, fused, base) {
        return fused.updates(factors, scaling: parameter.scaling)
      }
    }
    guard let (parameter, fused) = found else { return nil }
    throw .inconsistent(
      path,
      rule: "has \(a.name) of shape \(a.shape) and \(b.name) of shape \(b.shape) with rank "
        + "\(parameter.rank), which do not fit \(target.module).\(parameter.name) of "
        + "[\(fused.count), \(fused.rows), \(fused.columns)]")
  }

  /// Each expert's left and right factor, `[p, r]` and `[r, q]`; nil where extents do not fit.
  private func factors(
    of parameter: Parameter, _ fused: FusedParameter, _ base: BaseView
  ) throws(AdapterError) -> [(left: Factor, right: Factor)]? {
    let (count, rank) = (fused.count, parameter.rank)
    guard a.shape.extents[0] == rank * count, b.shape.extents[1] == rank * count else { return nil }
    let (wide, tall) = (a.shape.extents[1], b.shape.extents[0])
    let isPlain = (tall, wide) == (fused.rows, fused.columns)
    let isTurned = (wide, tall) == (fused.rows, fused.columns)
    guard isPlain || isTurned else { return nil }
    let turnedTypes = ["gpt_oss", "aria", "aria_text", "openai_privacy_filter"]
    let prefersTurned = isOld || turnedTypes.contains(base.modelType ?? "")
    // A single matrix is a layer's: its update is B·A.
    let turns = isTurned && (!isPlain || prefersTurned && !fused.isMatrix)
    return (0..<count).map { expert in
      let down = Factor.stored(a).selectingRows(.range(expert * rank..<(expert + 1) * rank))
      let up = Factor.stored(b).selectingColumns(.every(start: expert, step: count, count: rank))
      return turns ? (down.transposed, up.transposed) : (up, down)
    }
  }
}
