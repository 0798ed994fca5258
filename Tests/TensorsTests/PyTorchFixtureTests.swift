import Files
import JSON
import Tensors
import TestSupport
import Testing

/// Compares what this room reads with what `torch.load` reads; see fixtures/pytorch/generate.py.
@Suite struct PyTorchFixtureTests {
  private static let folder = Fixtures.folder.appending("pytorch")

  static let names: [String] = {
    let names = (try? folder.entryNames()) ?? []
    return names.filter { $0.hasSuffix(".bin") }
  }()

  private static let dtypes: [String: DType] = [
    "float32": .f32, "float16": .f16, "bfloat16": .bf16, "float64": .f64, "int64": .i64,
    "int32": .i32, "int16": .i16, "int8": .i8, "uint8": .u8, "bool": .bool, "uint16": .u16,
    "uint32": .u32, "float8_e4m3fn": .f8E4M3, "float8_e5m2": .f8E5M2,
  ]

  @Test(arguments: names)
  func `tensors are those of torch.load`(name: String) throws {
    let text = try FileReader.contents(of: Self.folder.appending("expected.json"), limit: 1 << 20)
    let expected = try #require(try JSONValue(parsing: text)[name]?.members)
    let file = try TensorFile(opening: Self.folder.appending(name))
    #expect(file.format == (name.contains("legacy") ? .pytorchLegacy : .pytorchZip))
    #expect(Set(file.tensors.map(\.name.text)) == Set(expected.map(\.key)))
    #expect(file.tensors.count == expected.count)
    for tensor in file.tensors {
      let facts = try #require(expected.first { $0.key == tensor.name.text }?.value)
      let dtype = try #require(facts["dtype"]?.string)
      #expect(tensor.dtype == Self.dtypes[dtype])
      #expect(tensor.shape.extents == facts["shape"]?.elements?.compactMap(\.integer))
      let bytes = try file.bytes(of: tensor)
      #expect(bytes.count == tensor.byteCount)
      #expect(Int(CRC32.of(bytes)) == facts["crc32"]?.integer, "\(tensor)")
    }
  }

  @Test func `every fixture is tested`() throws {
    #expect(Self.names.count == 32)
  }

  private func file(_ name: String) throws -> TensorFile {
    try TensorFile(opening: Self.folder.appending(name))
  }

  @Test(arguments: ["strided.bin", "strided.legacy.bin"])
  func `strides are given only where they are needed`(name: String) throws {
    let strided = try file(name).tensors.filter { $0.strides != nil }
    #expect(
      Dictionary(uniqueKeysWithValues: strided.map { ($0.name.text, $0.strides) }) == [
        "transposed": [1, 5], "column": [5], "block": [5, 1], "every_other": [10, 2],
        "permuted": [1, 12, 4],
      ]
    )
  }

  @Test(arguments: ["tied.bin", "tied.legacy.bin"])
  func `tied tensors share their bytes`(name: String) throws {
    let tensors = try file(name).tensors
    let offsets = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name.text, $0.byteOffset) })
    let whole = try #require(offsets["embed.weight"])
    #expect(offsets["lm_head.weight"] == whole)
    #expect(offsets["part"] == whole + 2 * 3 * 4)
  }

  @Test func `a wrapper is taken off and noted, with what is no tensor`() throws {
    for name in ["nested.bin", "nested.legacy.bin", "nested.protocol4.bin"] {
      let metadata = try file(name).metadata
      #expect(metadata.map(\.key) == ["unwrapped"])
      #expect(metadata.first?.value == "state_dict")
    }
    let leaves = try file("leaves.bin").metadata
    #expect(
      leaves.first { $0.key == "skipped" }?.value
        == "step, size.0, size.1, dtype, none, flag, half, text, tuple.0, tuple.1.0, tuple.1.1, "
        + "list.0, list.1"
    )
  }

  @Test func `an empty state dict is a file without tensors`() throws {
    #expect(try file("empty.bin").tensors.isEmpty)
    #expect(try file("empty.legacy.bin").tensors.isEmpty)
  }
}
