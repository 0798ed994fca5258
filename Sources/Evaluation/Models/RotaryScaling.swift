internal import Glibc
internal import JSON

/// The angles by which positions turn queries and keys, and how a longer context bends them
/// (transformers' `modeling_rope_utils`).
public struct RotaryScaling: Hashable, Sendable {
  /// The ways of bending.
  enum Kind: Hashable, Sendable {
    case plain
    /// All frequencies divided.
    case linear(factor: Double)
    /// Low frequencies divided, middle ones in part (Llama 3.1).
    case llama3(factor: Double, low: Double, high: Double, original: Double)
    /// The same by index, with a gain on cosine and sine (arXiv 2309.00071).
    case yarn(factor: Double, fast: Double, slow: Double, original: Double, gain: Double)
  }

  /// θ, the base of the frequencies.
  let base: Double
  let kind: Kind
  /// The longest input for which these frequencies hold, where longer ones change them.
  let validLength: Int?

  /// Reads `rope_theta`, and `rope_scaling` or `rope_parameters`.
  init(_ reader: inout ConfigurationReader, context: Int) {
    let scaling = reader.value("rope_scaling")
    let parameters = reader.value("rope_parameters") ?? scaling
    var own = ConfigurationReader(parameters ?? [:])
    let outer = reader.number("rope_theta", fallback: 10000)
    base = own.number("rope_theta", fallback: outer)
    let type = own.value("rope_type")?.string ?? own.value("type")?.string ?? "default"
    _ = own.value("type")
    let factor = own.number("factor", fallback: 1)
    let original = own.number("original_max_position_embeddings", fallback: Double(context))
    var validLength: Int?
    switch type {
    case "default", "mrope": kind = .plain
    case "linear": kind = .linear(factor: factor)
    case "dynamic":
      kind = .plain
      validLength = Int(min(original, Double(context)))
    case "llama3":
      kind = .llama3(
        factor: factor, low: own.number("low_freq_factor", fallback: 1),
        high: own.number("high_freq_factor", fallback: 4), original: original)
    case "yarn":
      let gain = own.number(
        "attention_factor", fallback: factor > 1 ? 0.1 * log(factor) + 1 : 1)
      for key in ["mscale", "mscale_all_dim", "truncate"] where own.value(key) != nil {
        reader.refuse("\(key) of the rotary scaling is not computed")
      }
      kind = .yarn(
        factor: factor, fast: own.number("beta_fast", fallback: 32),
        slow: own.number("beta_slow", fallback: 1), original: original, gain: gain)
    default:
      kind = .plain
      reader.refuse("rope_type \(type) is not computed")
    }
    if type == "mrope" { reader.refuse("rope_type mrope is not computed") }
    self.validLength = validLength
    for problem in own.finish() { reader.refuse("the rotary scaling's \(problem)") }
  }

  /// cos and sin, each `[length, size / 2]`, for heads of `size` values.
  func tables(length: Int, size: Int) -> (cosines: [Float], sines: [Float]) {
    let half = size / 2
    let frequencies = frequencies(size: size)
    var gain: Float = 1
    if case .yarn(_, _, _, _, let factor) = kind { gain = Float(factor) }
    var cosines = [Float](repeating: 0, count: length * half)
    var sines = cosines
    for position in 0..<length {
      for index in 0..<half {
        let angle = Float(position) * frequencies[index]
        cosines[position * half + index] = Float(cos(Double(angle))) * gain
        sines[position * half + index] = Float(sin(Double(angle))) * gain
      }
    }
    return (cosines, sines)
  }

  /// The angle per position of each pair, in Float as the models were trained with.
  private func frequencies(size: Int) -> [Float] {
    let half = size / 2
    let plain = (0..<half).map { 1 / pow(base, Double(2 * $0) / Double(size)) }
    switch kind {
    case .plain: return plain.map { Float($0) }
    case .linear(let factor): return plain.map { Float($0 / factor) }
    case .llama3(let factor, let low, let high, let original):
      return plain.map { frequency in
        let wavelength = 2 * Double.pi / frequency
        if wavelength > original / low { return Float(frequency / factor) }
        if wavelength < original / high { return Float(frequency) }
        let share = (original / wavelength - low) / (high - low)
        return Float((1 - share) * frequency / factor + share * frequency)
      }
    case .yarn(let factor, let fast, let slow, let original, _):
      func place(_ rotations: Double) -> Double {
        Double(size) * log(original / (rotations * 2 * Double.pi)) / (2 * log(base))
      }
      let low = max(floor(place(fast)), 0)
      let high = min(ceil(place(slow)), Double(size - 1))
      return plain.enumerated().map { index, frequency in
        let width = max(high - low, 0.001)
        let ramp = min(max((Double(index) - low) / width, 0), 1)
        return Float(frequency / factor * ramp + frequency * (1 - ramp))
      }
    }
  }
}
