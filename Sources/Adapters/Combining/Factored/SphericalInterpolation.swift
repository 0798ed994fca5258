internal import Compute
internal import Glibc

/// SLERP between the deltas of one weight: along the arc from a to b instead of the chord.
///
/// With cos Ω = ⟨a, b⟩/(‖a‖·‖b‖) over the whole weight, the result is
/// sin((1−t)Ω)/sin Ω · a + sin(tΩ)/sin Ω · b (Shoemake 1985). Where |cos Ω| > 0.9995, or one of the
/// two is zero, the arc is no better known than the chord, and (1−t)·a + t·b is taken. This is on
/// deltas; mergekit's slerp is on whole weights.
struct SphericalInterpolation: Sendable, Hashable {
  /// The share of a.
  let first: Double
  /// The share of b.
  let second: Double
  /// cos Ω; nil where one of the two is zero.
  let cosine: Double?

  /// The cosine from which on the chord is taken.
  static let nearlyParallel = 0.9995

  /// The shares at t, from inner products of the two.
  init(at t: Double, aa: Double, ab: Double, bb: Double) {
    cosine = aa > 0 && bb > 0 ? max(-1, min(1, ab / (aa.squareRoot() * bb.squareRoot()))) : nil
    guard let cosine, abs(cosine) <= Self.nearlyParallel else {
      (first, second) = (1 - t, t)
      return
    }
    let angle = acos(cosine)
    let sine = sin(angle)
    first = sin((1 - t) * angle) / sine
    second = sin(t * angle) / sine
  }

  /// The shares at t of two deltas; one that is missing counts as zero.
  init(at t: Double, from a: FactoredDelta?, to b: FactoredDelta?) {
    self.init(
      at: t, aa: a.map { $0.inner($0) } ?? 0,
      ab: a.flatMap { a in b.map { a.inner($0) } } ?? 0, bb: b.map { $0.inner($0) } ?? 0)
  }
}
