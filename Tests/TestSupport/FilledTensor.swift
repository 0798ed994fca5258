public import Tensors

/// A tensor with values, to be written to a file.
public struct FilledTensor: Sendable {
  /// Its name.
  public let name: String
  /// The type of its elements.
  public let dtype: DType
  /// Its extents, outermost first.
  public let extents: [Int]
  /// Its elements, little-endian, in C order.
  public var bytes: [UInt8]

  /// A tensor of given bytes.
  public init(_ name: String, _ extents: [Int], _ dtype: DType, bytes: [UInt8]) {
    self.name = name
    self.dtype = dtype
    self.extents = extents
    self.bytes = bytes
  }

  /// A tensor of given values, each rounded to the type.
  public init(_ name: String, _ extents: [Int], _ dtype: DType = .f32, values: [Float]) {
    self.init(name, extents, dtype, bytes: PlainElements.bytes(values, as: dtype))
  }

  /// A tensor of random values, nearly normal, of the given standard deviation.
  public init(
    _ name: String,
    _ extents: [Int],
    _ dtype: DType = .f32,
    deviation: Float = 0.02,
    seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    let count = extents.reduce(1, *)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * dtype.bitWidth / 8)
    for _ in 0..<count {
      let bits = PlainElements.bits(of: generator.bell() * deviation, as: dtype)
      PlainElements.append(bits, of: dtype, to: &bytes)
    }
    self.init(name, extents, dtype, bytes: bytes)
  }

  /// The elements as values.
  public var values: [Float] { PlainElements.values(bytes, of: dtype) }

  /// This tensor with values that arithmetic does not keep: NaN with payloads, both infinities,
  /// −0, subnormals and the largest numbers, some of each.
  public func sprinkled(seed: UInt64) -> FilledTensor {
    var generator = SeededGenerator(seed: seed)
    let width = dtype.bitWidth / 8
    let sign: UInt64 = 1 << UInt64(dtype.bitWidth - 1)
    let infinity: UInt64
    switch dtype {
    case .bf16: infinity = 0x7F80
    case .f16: infinity = 0x7C00
    case .f32: infinity = 0x7F80_0000
    default: infinity = 0x7FF0_0000_0000_0000
    }
    let odd = [
      infinity, infinity | sign, infinity + 1, (infinity + 3) | sign, sign - 1, sign | (sign - 1),
      sign, 0, 1, 2 | sign,
    ]
    var sprinkled = self
    for bits in odd + odd {
      let element = generator.index(below: bytes.count / width)
      for place in 0..<width {
        sprinkled.bytes[element * width + place] = UInt8(
          truncatingIfNeeded: bits >> UInt64(8 * place)
        )
      }
    }
    return sprinkled
  }

  /// A safetensors file of tensors, in their order.
  public static func safetensors(
    _ tensors: [FilledTensor],
    metadata: [(String, String)] = [("format", "pt")]
  ) -> [UInt8] {
    var entries: [String] = []
    if !metadata.isEmpty {
      let notes = metadata.map { "\(quoted($0.0)):\(quoted($0.1))" }
      entries.append("\"__metadata__\":{\(notes.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.bytes.count
      let shape = tensor.extents.map(String.init).joined(separator: ",")
      entries.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}"
      )
      offset = end
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    var file = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) } + header
    for tensor in tensors { file += tensor.bytes }
    return file
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar.value {
      case 0..<0x20, 0x22, 0x5C:
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: return String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

extension SeededGenerator {
  /// A number of variance 1 that is nearly normal: the sum of three even ones.
  public mutating func bell() -> Float {
    let bits = next()
    let mask: UInt64 = (1 << 20) - 1
    let sum = (bits & mask) + (bits >> 20 & mask) + (bits >> 40 & mask)
    return (Float(sum) * 0x1p-20 - 1.5) * 2
  }
}
