import Files
import TestSupport
import Testing

@testable import Tensors

@Suite struct GGUFHeaderTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func header(_ bytes: [UInt8]) throws -> GGUFHeader {
    try GGUFHeader(reading: FileReader(folder.write(bytes)))
  }

  /// One tensor of four plain types and a quantised one, and a note of every kind.
  static let example: GGUFBuilder = {
    var builder = GGUFBuilder()
    builder.notes = [
      ("general.architecture", 8, GGUFBuilder.text("llama")),
      ("general.alignment", 4, GGUFBuilder.le(UInt32(64))), ("flag", 7, [1]),
      ("small", 3, [1, 0]), ("wide", 12, GGUFBuilder.le(UInt64(7))),
      ("tokens", 9, GGUFBuilder.array(8, ["a", "", "é"].map(GGUFBuilder.text))),
      ("scores", 9, GGUFBuilder.array(6, [[0, 0, 0, 0], [1, 1, 1, 1]])),
      (
        "nested", 9,
        GGUFBuilder.array(9, [GGUFBuilder.array(0, [[1], [2]]), GGUFBuilder.array(8, [])])
      ),
    ]
    builder.tensors = [
      ("token_embd.weight", [8, 3], 0, 0), ("blk.0.attn_q.weight.lora_a", [4, 2], 30, 128),
      ("blk.0.ffn.weight", [64, 2], 8, 192), ("scalar", [], 28, 384), ("ids", [5], 27, 448),
    ]
    builder.alignment = 64
    builder.dataByteCount = 488
    return builder
  }()

  @Test(arguments: [2, 3] as [UInt32])
  func `gives the tensors with their places`(version: UInt32) throws {
    var builder = Self.example
    builder.version = version
    let header = try header(builder.file)
    let start = builder.file.count - builder.dataByteCount
    #expect((header.version, header.alignment) == (Int(version), 64))
    #expect(header.dataByteOffset == start)
    #expect(header.tensors.map(\.name.text) == builder.tensors.map(\.name))
    #expect(header.tensors.map(\.shape.extents) == [[3, 8], [2, 4], [2, 64], [], [5]])
    #expect(header.tensors.map(\.dtype) == [.f32, .bf16, nil, .f64, .i64])
    #expect(header.tensors.map(\.type) == [.f32, .bf16, .q8_0, .f64, .i64])
    #expect(header.tensors.map(\.byteCount) == [96, 16, 136, 8, 40])
    #expect(header.tensors.map(\.byteOffset) == [0, 128, 192, 384, 448].map { $0 + start })
  }

  @Test func `a file of tensors alone is still refused as one`() throws {
    let path = try folder.write(Self.example.file)
    #expect(throws: TensorError.notATensorFile(path, what: "a GGUF file")) {
      try TensorFile(opening: path)
    }
  }

  @Test func `a long header is read through a small window`() throws {
    var builder = Self.example
    let tokens = (0..<30_000).map { GGUFBuilder.text("token \($0)") }
    builder.notes.append(("vocabulary", 9, GGUFBuilder.array(8, tokens)))
    builder.notes.append(("blob", 9, GGUFBuilder.array(0, [[UInt8](repeating: 1, count: 1)])))
    builder.notes.append(("text", 8, GGUFBuilder.text(String(repeating: "x", count: 200_000))))
    #expect(try header(builder.file).tensors.count == 5)
  }

  /// The sizes that ggml asserts of its blocks, in the order of its numbers.
  @Test func `blocks have the sizes of ggml`() {
    let sizes = GGUFElementType.allCases.map { [$0.block.elementCount, $0.block.byteCount] }
    let expected = [
      [1, 4], [1, 2], [32, 18], [32, 20], [32, 22], [32, 24], [32, 34], [32, 36], [256, 84],
      [256, 110], [256, 144], [256, 176], [256, 210], [256, 292], [256, 66], [256, 74], [256, 98],
      [256, 50], [32, 18], [256, 110], [256, 82], [256, 136], [1, 1], [1, 2], [1, 4], [1, 8],
      [1, 8], [256, 56], [1, 2], [256, 54], [256, 66], [32, 17], [64, 36], [128, 18],
    ]
    #expect(sizes == expected)
  }

  static let faults: [(note: String, change: @Sendable (inout GGUFBuilder) -> Void)] = [
    ("magic", { $0.magic = "GGML" }), ("version 1", { $0.version = 1 }),
    ("version 4", { $0.version = 4 }), ("big-endian", { $0.version = 0x0300_0000 }),
    ("more tensors", { $0.tensorCount = 6 }), ("most tensors", { $0.tensorCount = .max }),
    ("more notes", { $0.noteCount = 9 }), ("most notes", { $0.noteCount = 1 << 60 }),
    ("note twice", { $0.notes.append($0.notes[0]) }),
    ("unknown note", { $0.notes.append(("x", 13, [])) }),
    ("alignment 0", { $0.notes[1].value = GGUFBuilder.le(UInt32(0)) }),
    ("alignment 48", { $0.notes[1].value = GGUFBuilder.le(UInt32(48)) }),
    ("alignment 2³¹", { $0.notes[1].value = GGUFBuilder.le(UInt32(1 << 31)) }),
    ("alignment's type", { $0.notes[1] = ("general.alignment", 10, GGUFBuilder.le(UInt64(64))) }),
    ("long array", { $0.notes[6].value = GGUFBuilder.le(UInt32(6)) + GGUFBuilder.le(UInt64.max) }),
    (
      "long texts",
      { $0.notes[5].value = GGUFBuilder.le(UInt32(8)) + GGUFBuilder.le(UInt64(1 << 40)) }
    ),
    ("long text", { $0.notes[0].value = GGUFBuilder.le(UInt64(1 << 62)) }),
    (
      "deep array",
      { builder in
        var value = GGUFBuilder.array(0, [])
        for _ in 0..<9 { value = GGUFBuilder.array(9, [value]) }
        builder.notes.append(("deep", 9, value))
      }
    ),
    ("long name", { $0.tensors[0].name = String(repeating: "n", count: 1025) }),
    ("tensor twice", { $0.tensors[1].name = $0.tensors[0].name }),
    ("five dimensions", { $0.tensors[4].extents = [1, 1, 1, 1, 5] }),
    ("unknown type", { $0.tensors[0].type = 4 }), ("type 31", { $0.tensors[0].type = 31 }),
    ("product", { $0.tensors[0].extents = [1 << 40, 1 << 40] }),
    ("bytes", { $0.tensors[0].extents = [1 << 62] }),
    ("extent", { $0.tensors[0].extents = [.max] }),
    ("part of a block", { $0.tensors[2].extents = [33, 2] }),
    ("unaligned", { $0.tensors[1].offset = 129 }), ("overlap", { $0.tensors[1].offset = 64 }),
    ("same place", { $0.tensors[1].offset = 0 }), ("outside", { $0.tensors[4].offset = 512 }),
    ("far outside", { $0.tensors[4].offset = 1 << 62 }),
    ("beyond numbers", { $0.tensors[4].offset = 1 << 63 }),
    ("cut off data", { $0.dataByteCount = 487 }), ("no data", { $0.dataByteCount = 0 }),
  ]

  @Test(arguments: faults.indices) func `what breaks a rule is refused`(index: Int) throws {
    var builder = Self.example
    Self.faults[index].change(&builder)
    #expect(throws: TensorError.self, "\(Self.faults[index].note)") { try header(builder.file) }
  }

  @Test func `a file cut off anywhere is refused`() throws {
    let file = Self.example.file
    for length in 0..<file.count {
      #expect(throws: TensorError.self, "\(length)") { try header(Array(file[..<length])) }
    }
  }

  @Test func `five thousand faulty files are read right or refused`() throws {
    let file = Self.example.file
    var readCount = 0
    let seed: UInt64 = 0x5EED_66F0
    for number in 0..<5_000 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed + number)
      let bytes = file.mutated(by: &generator, donor: file)
      let start = ContinuousClock.now
      let found = try? header(bytes)
      #expect(ContinuousClock.now - start < .seconds(1), "seed \(seed + number)")
      guard let found else { continue }
      readCount += 1
      var end = found.dataByteOffset
      for tensor in found.tensors.sorted(by: { $0.byteOffset < $1.byteOffset })
      where tensor.byteCount > 0 {
        #expect(tensor.byteOffset >= end, "seed \(seed + number)")
        #expect(tensor.byteOffset % found.alignment == 0, "seed \(seed + number)")
        end = tensor.byteOffset + tensor.byteCount
      }
      #expect(found.tensors.isEmpty || end <= bytes.count, "seed \(seed + number)")
    }
    #expect(readCount > 0 && readCount < 5_000)
  }
}
