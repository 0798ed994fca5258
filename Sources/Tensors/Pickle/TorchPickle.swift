/// The pickle of a dictionary from names to contiguous tensors, as `torch.save` writes it.
///
/// Protocol 2. Each tensor is `torch._utils._rebuild_tensor_v2` of a whole storage, whose key is the
/// tensor's number.
struct TorchPickle {
  /// The bytes.
  private(set) var bytes: [UInt8] = [0x80, 2]

  /// The dictionary of the entries, in their order; nil where one has a type that PyTorch's storages
  /// lack.
  init?(_ entries: [SafetensorsHeader.Entry]) {
    op("}")
    op("(")
    for (number, entry) in entries.enumerated() {
      guard let storage = Self.storage(of: entry.dtype) else { return nil }
      text(entry.name.text)
      global("torch._utils", "_rebuild_tensor_v2")
      op("(")
      op("(")
      text("storage")
      global("torch", storage)
      text(String(number))
      text("cpu")
      integer(entry.shape.elementCount)
      op("t")
      op("Q")
      integer(0)
      tuple(entry.shape.extents)
      tuple(Self.strides(of: entry.shape))
      bytes.append(0x89)
      global("collections", "OrderedDict")
      op(")")
      op("R")
      op("t")
      op("R")
    }
    op("u")
    op(".")
  }

  private static func storage(of dtype: DType) -> String? {
    switch dtype {
    case .f64: return "DoubleStorage"
    case .f32: return "FloatStorage"
    case .f16: return "HalfStorage"
    case .bf16: return "BFloat16Storage"
    default: return nil
    }
  }

  private static func strides(of shape: Shape) -> [Int] {
    var strides: [Int] = []
    var step = 1
    for extent in shape.extents.reversed() {
      strides.append(step)
      step *= max(extent, 1)
    }
    return strides.reversed()
  }

  private mutating func op(_ code: Unicode.Scalar) { bytes.append(UInt8(ascii: code)) }

  private mutating func global(_ module: String, _ name: String) {
    op("c")
    bytes += "\(module)\n\(name)\n".utf8
  }

  private mutating func text(_ text: String) {
    op("X")
    append(UInt64(text.utf8.count), byteCount: 4)
    bytes += text.utf8
  }

  /// BININT where it fits, else LONG1 of eight bytes.
  private mutating func integer(_ number: Int) {
    if let small = Int32(exactly: number) {
      op("J")
      append(UInt64(UInt32(bitPattern: small)), byteCount: 4)
    } else {
      bytes += [0x8A, 8]
      append(UInt64(bitPattern: Int64(number)), byteCount: 8)
    }
  }

  private mutating func tuple(_ numbers: [Int]) {
    op("(")
    for number in numbers { integer(number) }
    op("t")
  }

  private mutating func append(_ number: UInt64, byteCount: Int) {
    bytes += (0..<byteCount).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
