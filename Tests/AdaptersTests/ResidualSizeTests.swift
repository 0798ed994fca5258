import Adapters
import Compute
import Foundation
import Testing

/// Merges a simulated update into simulated weights and measures what the way back costs.
@Suite struct ResidualSizeTests {
  static let count = 1 << 20

  /// Weights, [1024, 1024], normal with a standard deviation of 0.02.
  static let weights: [Float] = {
    var normal = NormalNumbers(seed: 1)
    return (0..<count).map { _ in 0.02 * normal.next() }
  }()

  /// A product of normal factors of rank 16, [1024, 1024], as large as the weights (root mean square).
  static let update: [Float] = {
    var normal = NormalNumbers(seed: 2)
    let up = (0..<1024 * 16).map { _ in normal.next() }
    let down = (0..<1024 * 16).map { _ in normal.next() }
    var update: [Float] = []
    update.reserveCapacity(count)
    for row in 0..<1024 {
      for column in 0..<1024 {
        var sum: Float = 0
        for rank in 0..<16 { sum += up[16 * row + rank] * down[16 * column + rank] }
        update.append(sum * 0.02 / 4)
      }
    }
    return update
  }()

  /// The corrections of weights rounded to an element type: fp32 sums, rounded to nearest even.
  static func corrections(
    ratio: Float,
    width: ElementWidth,
    round: (Float) -> UInt32,
    widen: (UInt32) -> Float
  ) -> Corrections {
    var corrections = Corrections(elementCount: count)
    for index in 0..<count {
      let original = round(weights[index])
      let change = update[index] * ratio
      let merged = round(widen(original) + change)
      let predicted = round(widen(merged) - change)
      guard predicted != original else { continue }
      corrections.offsets.append(UInt32(index))
      corrections.values.append(
        Correction.from(UInt64(predicted), to: UInt64(original), width: width)
      )
    }
    return corrections
  }

  static func corrections(ratio: Float, type: String) -> (Corrections, ElementWidth) {
    switch type {
    case "bf16":
      let corrections = corrections(
        ratio: ratio,
        width: .two,
        round: { ($0.bitPattern + 0x7fff + ($0.bitPattern >> 16 & 1)) >> 16 },
        widen: { Float(bitPattern: $0 << 16) }
      )
      return (corrections, .two)
    case "f16":
      let corrections = corrections(
        ratio: ratio,
        width: .two,
        round: { UInt32(Float16($0).bitPattern) },
        widen: { Float(Float16(bitPattern: UInt16($0))) }
      )
      return (corrections, .two)
    default:
      let corrections = corrections(
        ratio: ratio,
        width: .four,
        round: \.bitPattern,
        widen: { Float(bitPattern: $0) }
      )
      return (corrections, .four)
    }
  }

  static let ratios: [Float] = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1]

  /// Bits per weight for each ratio: zstd's level 19 over gaps and values, measured once.
  static let targets: [String: [Double]] = [
    "bf16": [0.005, 0.037, 0.072, 0.15, 0.32, 0.68, 1.24, 2.3],
    "f16": [0.004, 0.024, 0.053, 0.13, 0.29, 0.65, 1.22, 2.3],
    "f32": [0.010, 0.049, 0.10, 0.23, 0.46, 0.89, 1.45, 2.5],
  ]

  static let isThorough = ProcessInfo.processInfo.environment["ADAPTERCTL_SLOW_TESTS"] != nil

  @Test(arguments: ["bf16", "f16", "f32"])
  func `costs few bits per weight`(type: String) throws {
    for (ratio, target) in zip(Self.ratios, try #require(Self.targets[type])) {
      guard Self.isThorough || ratio == 1e-4 || ratio == 1e-2 else { continue }
      let (corrections, width) = Self.corrections(ratio: ratio, type: type)
      let bytes = ResidualTests.encode(corrections, width: width, run: 1 << 19)
      let decoded = try ResidualTests.decode(
        bytes,
        width: width,
        elementCount: Self.count,
        run: 1 << 18
      )
      #expect(decoded == corrections)
      let bits = 8 * Double(bytes.count) / Double(Self.count)
      #expect(bits <= 1.25 * target, "\(bits) bits at \(ratio)")
      if Self.isThorough {
        let share = 100 * Double(corrections.offsets.count) / Double(Self.count)
        print("\(type) \(ratio): \(share) % corrected, \(bits) bits, target \(target)")
      }
    }
  }
}

/// Normal numbers of variance 1 from a fixed seed: Box-Muller over SplitMix64.
struct NormalNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> Float {
    let radius = (-2 * log(uniform())).squareRoot()
    return Float(radius * cos(2 * .pi * uniform()))
  }

  /// A number in (0, 1].
  private mutating func uniform() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed >> 31
    return Double((mixed >> 11) + 1) * 0x1p-53
  }
}
