/// How many singular values of a change are kept: the field's thresholds in one vocabulary.
///
/// σ₁ ≥ σ₂ ≥ … are the singular values of the scaled change. No rule adds a rank of its own, and each
/// may keep none: of a change that is zero, or one below an absolute threshold.
public enum RankRule: Sendable, Hashable {
  /// Keep so many, or all where there are fewer.
  case exactly(Int)
  /// Least k with Σ_{i≤k} σᵢ² ≥ share · Σ σᵢ². (PEFT's rank as a float; kohya's sv_fro t is share = t².)
  case energy(Double)
  /// Least k with Σ_{i≤k} σᵢ ≥ share · Σ σᵢ (kohya's sv_cumulative).
  case nuclear(Double)
  /// Keep σᵢ > σ₁ / ratio (kohya's sv_ratio).
  case ratio(Double)
  /// Keep σᵢ > threshold (mergekit's sv-epsilon).
  case above(Double)
  /// Least k with σ_{k+1} ≤ share · σ₁: the spectral error relative to the change.
  case maxError(Double)
  /// The best energy per byte over all modules together, within so many bytes.
  case size(Int)

  /// Whether the number of one module depends on the others, so that only `RankSelection` tells it.
  public var isGlobal: Bool {
    if case .size = self { return true }
    return false
  }

  /// How many of the singular values are kept; nil where the known ones do not decide it, and for a
  /// global rule.
  public func rank(of spectrum: Spectrum) -> Int? {
    let values = spectrum.values
    /// The values before the first one that falls; open where none is known to fall.
    func kept(while isKept: (Double) -> Bool) -> Int? {
      values.firstIndex { !isKept($0) } ?? (spectrum.isComplete ? values.count : nil)
    }
    switch self {
    case .exactly(let count):
      return count <= values.count || spectrum.isComplete ? min(count, values.count) : nil
    case .energy(let share): return Self.least(values.map { $0 * $0 }, share * spectrum.energy)
    case .nuclear(let share):
      // The sum over all is not known from the largest and the energy.
      guard spectrum.isComplete else { return nil }
      return Self.least(values, share * values.reduce(0, +))
    case .ratio(let ratio): return kept { $0 > spectrum.spectralNorm / ratio }
    case .above(let threshold): return kept { $0 > threshold }
    case .maxError(let share): return kept { $0 > share * spectrum.spectralNorm }
    case .size: return nil
    }
  }

  /// The least k whose first k parts sum up to `wanted`, which is no more than the sum of all but for
  /// rounding; nil where they do not reach it by far.
  private static func least(_ parts: [Double], _ wanted: Double) -> Int? {
    guard wanted > 0 else { return 0 }
    var sum = 0.0
    for (index, part) in parts.enumerated() {
      sum += part
      if sum >= wanted { return index + 1 }
    }
    // The same parts in another order: their sum may differ in its last bits.
    guard sum >= wanted * (1 - Double(parts.count + 4) * 0x1p-52) else { return nil }
    return parts.lastIndex { $0 > 0 }.map { $0 + 1 }
  }
}
