import Files
import Tensors
import TestSupport
import Testing

/// Files with random faults: each is read right or refused, quickly, and never traps.
///
/// The faults of a case depend on its number alone; a failure names it.
@Suite struct MutationTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// Opens the file and reads every tensor it announces; whether it opened.
  private func openWhole(_ bytes: [UInt8], _ note: String) throws -> Bool {
    let path = try folder.write(bytes)
    let clock = ContinuousClock()
    let start = clock.now
    defer { #expect(clock.now - start < .seconds(1), "\(note)") }
    let file: TensorFile
    do { file = try TensorFile(opening: path) } catch { return false }
    for tensor in file.tensors {
      #expect(tensor.byteCount == tensor.shape.byteCount(of: tensor.dtype), "\(note): \(tensor)")
      #expect(
        tensor.byteOffset >= 0 && tensor.byteOffset <= bytes.count
          && tensor.byteCount <= bytes.count,
        "\(note): \(tensor)"
      )
      if tensor.strides == nil {
        #expect(tensor.byteCount <= bytes.count - tensor.byteOffset, "\(note): \(tensor)")
      }
      do {
        #expect(try file.bytes(of: tensor).count == tensor.byteCount, "\(note): \(tensor)")
      } catch {
        Issue.record("\(note): \(tensor) cannot be read: \(error)")
      }
    }
    return true
  }

  private static let seeds = (pytorch: UInt64(0x5EED_0001), safetensors: UInt64(0x5EED_0002))

  /// Runs `count` cases; how many files opened nevertheless.
  private func run(
    _ count: Int,
    seed: UInt64,
    _ mutant: (inout SeededGenerator) throws -> [UInt8]
  ) throws -> Int {
    var openedCount = 0
    for number in 0..<count {
      var generator = SeededGenerator(seed: seed &+ UInt64(number) &* 0x1_0000_0001)
      if try openWhole(try mutant(&generator), "seed \(seed), case \(number)") { openedCount += 1 }
    }
    return openedCount
  }

  private static func files(named suffix: String, without other: String?) throws -> [[UInt8]] {
    let folder = Fixtures.folder.appending("pytorch")
    return try folder.entryNames()
      .filter { $0.hasSuffix(suffix) && (other.map($0.contains) != true) }
      .map { try FileReader.contents(of: folder.appending($0), limit: 1 << 20) }
  }

  @Test func `a thousand faulty zips`() throws {
    let files = try Self.files(named: ".bin", without: "legacy")
    let opened = try run(1_000, seed: Self.seeds.pytorch) { generator in
      let file = files[generator.index(below: files.count)]
      return file.mutated(by: &generator, donor: files[generator.index(below: files.count)])
    }
    #expect(opened < 1_000)
  }

  @Test func `a thousand faulty legacy files`() throws {
    let files = try Self.files(named: ".legacy.bin", without: nil)
    let opened = try run(1_000, seed: Self.seeds.pytorch + 1) { generator in
      let file = files[generator.index(below: files.count)]
      return file.mutated(by: &generator, donor: files[generator.index(below: files.count)])
    }
    #expect(opened < 1_000)
  }

  /// The zip around it is right, checksum and all: the fault reaches the pickle machine.
  @Test func `a thousand faulty pickles in right zips`() throws {
    let zips = try Self.files(named: ".bin", without: "legacy").map(ZipBuilder.init(reading:))
    for zip in zips { #expect(try openWhole(zip.bytes(), "without faults")) }
    let opened = try run(1_000, seed: Self.seeds.pytorch + 2) { generator in
      var zip = zips[generator.index(below: zips.count)]
      let donor = zips[generator.index(below: zips.count)].members[0].data
      zip.members[0].data = zip.members[0].data.mutated(by: &generator, donor: donor)
      return zip.bytes()
    }
    #expect(opened > 0 && opened < 1_000)
  }

  private static let e = SafetensorsBuilder.entry

  private static let headers: [(header: String, dataByteCount: Int)] = [
    ("{\(e("a", "F32", "[2,2]", "[0,16]"))}", 16),
    (
      "{\(e("a.lora_A.weight", "BF16", "[2,4]", "[0,16]")),\(e("b", "F16", "[]", "[16,18]"))}  ", 18
    ),
    (
      "{\"__metadata__\":{\"format\":\"pt\",\"ss_network_dim\":\"4\"},"
        + "\(e("\\u00e9", "U8", "[3]", "[0,3]")),\(e("z", "I64", "[0,5]", "[3,3]")),"
        + "\(e("q", "F4", "[2]", "[3,4]"))}", 4
    ),
    ("{}", 0),
    (
      "{\n \"a\" : { \"shape\" : [ 1 , 2 , 3 ] , \"data_offsets\" : [ 0 , 6 ] , \"dtype\" : \"I8\" } }",
      6
    ),
  ]

  @Test func `five thousand faulty safetensors files`() throws {
    let files = Self.headers.map {
      SafetensorsBuilder.file($0.header, dataByteCount: $0.dataByteCount)
    }
    let opened = try run(5_000, seed: Self.seeds.safetensors) { generator in
      let file = files[generator.index(below: files.count)]
      return file.mutated(by: &generator, donor: files[generator.index(below: files.count)])
    }
    #expect(opened < 5_000)
  }

  /// Pieces that a faulty or hostile header may have where another stands in a right one.
  private static let pieces = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\uD800", "0", "1", "-1", "1.5", "1e9",
    "00", "NaN", "null", "true", "4294967296", "9223372036854775807", "18446744073709551616",
    "[0,0]", "[]", "{}", "\"a\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"",
    "\"__metadata__\"", "\"F64\"", "\"F6_E2M3\"", "\"F99\"", " ", "\n", "\u{0}", "é", "\u{1F600}",
    String(repeating: "[", count: 200), String(repeating: "{\"a\":", count: 200),
  ]

  /// The length prefix fits: the fault is in the text.
  @Test func `five thousand faulty safetensors headers`() throws {
    let opened = try run(5_000, seed: Self.seeds.safetensors + 1) { generator in
      var (header, dataByteCount) = Self.headers[generator.index(below: Self.headers.count)]
      for _ in 0...generator.index(below: 3) {
        Self.replacePiece(of: &header, by: &generator)
      }
      if generator.index(below: 8) == 0 { dataByteCount = generator.index(below: 40) }
      return SafetensorsBuilder.file(header, dataByteCount: dataByteCount)
    }
    #expect(opened < 5_000)
  }

  /// Replaces one token of the header, or nothing, by a piece, another token or nothing.
  private static func replacePiece(of header: inout String, by generator: inout SeededGenerator) {
    var tokens = header.split(
      omittingEmptySubsequences: false,
      whereSeparator: { ":,{}[]\"".contains($0) }
    ).map { $0.startIndex..<$0.endIndex }.flatMap { range in
      [header[range], header[range.upperBound...].prefix(1)].map(String.init)
    }
    let index = generator.index(below: tokens.count)
    switch generator.index(below: 4) {
    case 0: tokens[index] = ""
    case 1: tokens[index] = tokens[generator.index(below: tokens.count)]
    case 2: tokens.swapAt(index, generator.index(below: tokens.count))
    default: tokens[index] = pieces[generator.index(below: pieces.count)]
    }
    header = tokens.joined()
  }
}
