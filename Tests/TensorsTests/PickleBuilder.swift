import TestSupport

/// Writes pickles instruction by instruction, and the files around them.
struct PickleBuilder {
  private(set) var bytes: [UInt8] = [0x80, 2]

  /// Adds instructions as they are.
  mutating func raw(_ instructions: [UInt8]) { bytes += instructions }

  /// Adds instructions written as text.
  mutating func raw(_ instructions: String) { bytes += Array(instructions.utf8) }

  mutating func global(_ module: String, _ name: String) { raw("c\(module)\n\(name)\n") }

  mutating func text(_ text: String) {
    raw([0x58] + le(UInt32(text.utf8.count)) + Array(text.utf8))
  }

  mutating func int(_ number: Int32) { raw([0x4A] + le(UInt32(bitPattern: number))) }

  mutating func extents(_ extents: [Int32]) {
    raw("(")
    extents.forEach { int($0) }
    raw("t")
  }

  mutating func long(_ number: Int) { raw([0x8A, 8] + le(UInt64(bitPattern: Int64(number)))) }

  /// The storage of a key, as BINPERSID leaves it; a view for legacy files.
  mutating func storage(
    _ key: String = "0",
    class name: String = "FloatStorage",
    count: Int = 4,
    view: (offset: Int, count: Int)? = nil,
    isLegacy: Bool = false
  ) {
    raw("(")
    text("storage")
    global(name == "UntypedStorage" ? "torch.storage" : "torch", name)
    text(key)
    text("cpu")
    long(count)
    if let view {
      raw("(")
      text("view")
      long(view.offset)
      long(view.count)
      raw("t")
    } else if isLegacy {
      raw("N")
    }
    raw("tQ")
  }

  /// A tensor of the storage that `storage` writes.
  mutating func tensor(
    offset: Int = 0,
    shape: [Int] = [4],
    strides: [Int] = [1],
    storage: (inout PickleBuilder) -> Void = { $0.storage() }
  ) {
    global("torch._utils", "_rebuild_tensor_v2")
    raw("(")
    storage(&self)
    long(offset)
    for numbers in [shape, strides] {
      raw("(")
      numbers.forEach { long($0) }
      raw("t")
    }
    raw([0x89])
    global("collections", "OrderedDict")
    raw(")RtR")
  }

  /// The zip of this pickle, with a storage "0" of four floats.
  func zip(_ change: (inout ZipBuilder) -> Void = { _ in }) -> [UInt8] {
    var zip = ZipBuilder([
      .init("a/data.pkl", bytes), .init("a/data/0", [UInt8](0..<16)),
      .init("a/version", Array("3\n".utf8)),
    ])
    change(&zip)
    return zip.bytes()
  }

  /// The legacy file of this pickle, with a storage "0" of four floats, or with none.
  func legacy(keys: [String] = ["0"], elementCount: UInt64 = 4, byteCount: Int = 16) -> [UInt8] {
    var system = PickleBuilder()
    system.raw("}")
    system.text("little_endian")
    system.raw([0x88])
    system.raw("s.")
    var list = PickleBuilder()
    list.raw("](")
    keys.forEach { list.text($0) }
    list.raw("e.")
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    let version: [UInt8] = [0x80, 2, 0x4D, 0xE9, 0x03, 0x2E]
    let storage = le(elementCount) + [UInt8](repeating: 7, count: byteCount)
    return magic + version + system.bytes + bytes + list.bytes + (keys.isEmpty ? [] : storage)
  }

  private func le<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
