import Files
import Tensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func open(_ header: String, dataByteCount: Int) throws -> TensorFile {
    try TensorFile(
      opening: folder.write(SafetensorsBuilder.file(header, dataByteCount: dataByteCount))
    )
  }

  @Test func `null stands for no notes, as MLX writes it`() throws {
    let tensor = "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}"
    let file = try open("{\"__metadata__\":null,\(tensor)}", dataByteCount: 2)
    #expect(file.metadata.isEmpty)
    #expect(file.tensors.count == 1)
  }

  @Test func `tensors come in the order of their bytes`() throws {
    let b = SafetensorsBuilder.entry("b", "F32", "[2,1]", "[0,8]")
    let a = SafetensorsBuilder.entry("a", "BF16", "[]", "[8,10]")
    let file = try open("{\(a),\"__metadata__\":{\"format\":\"pt\"},\(b)}  ", dataByteCount: 10)
    #expect(file.tensors.map(\.name) == ["b", "a"])
    #expect(file.tensors.map(\.byteCount) == [8, 2])
    #expect(try file.bytes(of: file.tensors[1]) == [8, 9])
    #expect(file.metadata.map(\.key) == ["format"])
    #expect(file.tensors[0].byteOffset == file.headerByteCount)
  }

  @Test func `tensors without elements lie anywhere between others`() throws {
    let entries = [
      SafetensorsBuilder.entry("a", "F32", "[0]", "[0,0]"),
      SafetensorsBuilder.entry("b", "U8", "[3]", "[0,3]"),
      SafetensorsBuilder.entry("c", "F32", "[0,7]", "[3,3]"),
      SafetensorsBuilder.entry("d", "F4", "[2]", "[3,4]"),
      SafetensorsBuilder.entry("e", "F32", "[4,0]", "[4,4]"),
    ]
    let file = try open("{\(entries.joined(separator: ","))}", dataByteCount: 4)
    #expect(file.tensors.map(\.name) == ["a", "b", "c", "d", "e"])
    #expect(try file.bytes(of: file.tensors[2]) == [])
  }

  @Test func `a header without tensors is a file without tensors`() throws {
    #expect(try open("{}", dataByteCount: 0).tensors.isEmpty)
  }

  @Test func `escapes in names are decoded before they are compared`() throws {
    let one = SafetensorsBuilder.entry("a", "U8", "[1]", "[0,1]")
    let other = SafetensorsBuilder.entry("\\u0061", "U8", "[1]", "[1,2]")
    #expect(throws: TensorError.self) { try open("{\(one),\(other)}", dataByteCount: 2) }
    #expect(
      try open("{\(other)}".replacing("1,2", with: "0,1"), dataByteCount: 1).tensors[0].name == "a"
    )
  }

  private static let ok = SafetensorsBuilder.entry("a", "U8", "[4]", "[0,4]")

  /// Headers over four bytes of data, each with one fault.
  static let faulty: [String] = [
    "",
    " {\(ok)}",
    "[\(ok)]",
    "{\(ok)",
    "{\(ok)}}",
    "{\(ok)}\0",
    "{\(ok),}",
    "{\(ok),\(ok)}",
    "{\"a\":{}}",
    "{\"a\":null}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}",
    "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4],\"more\":1}}",
    "{\(ok),\"__metadata__\":{\"a\":1}}",
    "{\(ok),\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}",
    "{\(ok),\"__metadata__\":{},\"__metadata__\":{}}",
    entry("u8", "[4]", "[0,4]"),
    entry("U8", "4", "[0,4]"),
    entry("U8", "[-4]", "[0,4]"),
    entry("U8", "[4.0]", "[0,4]"),
    entry("U8", "[4e0]", "[0,4]"),
    entry("U8", "[04]", "[0,4]"),
    entry("U8", "[\"4\"]", "[0,4]"),
    entry("U8", "[NaN]", "[0,4]"),
    entry("U8", "[-0,4]", "[0,4]"),
    entry("U8", "[4,]", "[0,4]"),
    entry("U8", "[[4]]", "[0,4]"),
    entry("U8", "[4]", "[0]"),
    entry("U8", "[4]", "[0,4,4]"),
    entry("U8", "[4]", "[4,0]"),
    entry("U8", "[4]", "[-4,0]"),
    entry("U8", "[3]", "[0,3]"),
    entry("U8", "[3]", "[1,4]"),
    entry("U8", "[3]", "[0,4]"),
    entry("U8", "[5]", "[0,5]"),
    entry("U8", "[9223372036854775807]", "[0,9223372036854775807]"),
    entry("U8", "[9223372036854775808]", "[0,4]"),
    entry("U8", "[4294967296,4294967296]", "[0,4]"),
    entry("F64", "[2305843009213693952]", "[0,4]"),
    entry("F6_E2M3", "[3]", "[0,4]"),
    entry("U8", "[0]", "[9223372036854775807,9223372036854775807]"),
    entry("U8", "[" + String(repeating: "1,", count: 64) + "4]", "[0,4]"),
    "{" + SafetensorsBuilder.entry("a", "U8", "[3]", "[0,3]") + ","
      + SafetensorsBuilder.entry("b", "U8", "[2]", "[2,4]") + "}",
    "{" + SafetensorsBuilder.entry("a", "U8", "[1]", "[0,1]") + ","
      + SafetensorsBuilder.entry("b", "U8", "[2]", "[2,4]") + "}",
    "{\(ok)," + SafetensorsBuilder.entry("b", "U8", "[0]", "[2,2]") + "}",
    enormous,
  ]

  private static func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    "{" + SafetensorsBuilder.entry("a", dtype, shape, offsets) + "}"
  }

  /// Eight tensors that tile almost all numbers there are, so that the header's own length makes
  /// their sum too large for `Int`.
  private static let enormous: String = {
    let size = 1 << 60 - 1
    let entries = (0..<8).map { index in
      SafetensorsBuilder.entry(
        "t\(index)",
        "U8",
        "[\(size)]",
        "[\(index * size),\((index + 1) * size)]"
      )
    }
    return "{" + entries.joined(separator: ",") + "}"
  }()

  @Test(arguments: faulty)
  func `a faulty header is refused`(header: String) throws {
    #expect(throws: TensorError.self) { try open(header, dataByteCount: 4) }
  }

  /// The first bytes of these lengths are those of pickles.
  @Test(arguments: [0x280, 0x380, 0x480, 0x580, 0x2_0280])
  func `a header is recognised whatever its length`(headerByteCount: Int) throws {
    let padding = String(repeating: " ", count: headerByteCount - Self.ok.utf8.count - 2)
    let file = try open("{\(Self.ok)}" + padding, dataByteCount: 4)
    #expect(file.format == .safetensors)
    #expect(file.headerByteCount == headerByteCount + 8)
  }

  @Test func `the announced length is believed only as far as the file goes`() throws {
    let file = SafetensorsBuilder.file("{\(Self.ok)}", dataByteCount: 4)
    for length: UInt64 in [0, 1, 100_000_001, 1 << 32, 1 << 63, .max, UInt64(file.count) - 7] {
      let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
      let path = try folder.write(prefix + file.dropFirst(8))
      #expect(throws: TensorError.self) { try TensorFile(opening: path) }
    }
    for count in file.indices {
      let path = try folder.write(Array(file[..<count]))
      #expect(throws: TensorError.self) { try TensorFile(opening: path) }
    }
  }
}
