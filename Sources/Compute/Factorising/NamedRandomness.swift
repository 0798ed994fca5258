internal import Glibc

/// Random numbers that depend on a seed and a name alone, such as a tensor's: never on the order in
/// which tensors come, on threads or on a global generator.
///
/// The name's bytes are folded into the seed by FNV-1a (64 bits), the sequence is SplitMix64 (Steele,
/// Lea, Flood 2014).
public struct NamedRandomness: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the sequence of a seed and a name.
  public init(seed: UInt64, name: String) {
    var folded: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { folded = (folded ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    state = folded
    state = next() ^ seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A matrix of independent standard normal numbers (Box and Muller), `[rows, columns]`.
  public mutating func normalMatrix(rows: Int, columns: Int) -> RealMatrix {
    var elements: [Double] = []
    elements.reserveCapacity(rows * columns + 1)
    while elements.count < rows * columns {
      // 1 − u is never 0, whose logarithm is none.
      let radius = (-2 * log(1 - uniform())).squareRoot()
      let angle = 2 * Double.pi * uniform()
      elements.append(radius * cos(angle))
      elements.append(radius * sin(angle))
    }
    elements.removeLast(elements.count - rows * columns)
    return RealMatrix(rows: rows, columns: columns, elements: elements)
  }
}
