import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// GGUF models as bases, against weights that NumPy merged into what gguf wrote
/// (`fixtures/gguf/generate.py`; `check.py` reads what is written here with gguf).
@Suite struct GGUFModelTests {
  static let root = Fixtures.package.appending("fixtures").appending("gguf")
  static let cases = [
    "llama_f16", "llama_q8_0", "mixtral_bf16", "gemma2_f32", "qwen3_f32", "gpt2_f16",
  ]

  private let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  private func model(_ name: String) throws -> Checkpoint {
    try Checkpoint(opening: Self.root.appending(name).appending("model.gguf"))
  }

  private func adapter(_ name: String) throws -> [WeightedAdapter] {
    [WeightedAdapter(try Adapter(opening: Self.root.appending(name).appending("adapter")))]
  }

  private func merged(
    _ name: String, _ container: MergeOptions.Container?, dtype: DType? = nil
  ) throws -> (MergePlan, Path) {
    var options = MergeOptions()
    (options.container, options.dtype) = (container, dtype)
    let plan = try MergePlan(base: model(name), adapters: adapter(name), options: options)
    let path = folder.path.appending("\(name)-\(container?.rawValue ?? "own")")
    _ = try plan.write(to: path, tool: "test", execution: .small)
    return (plan, path)
  }

  @Test(arguments: cases, MergeOptions.Container.allCases)
  func `a merge is what NumPy gives, in either container`(
    name: String, container: MergeOptions.Container
  ) throws {
    let (_, path) = try merged(name, container, dtype: .f32)
    let found = try Checkpoint(opening: path)
    let expected = try TensorFile(
      opening: Self.root.appending(name).appending("expected.safetensors"))
    #expect(found.names == expected.tensors.map(\.name).sorted())
    for info in expected.tensors {
      let wanted = PlainElements.values(try expected.bytes(of: info), of: info.dtype)
      let values = try found.values(info.name)
      try #require(values.count == wanted.count, "\(info.name)")
      #expect(try #require(found[info.name]).info.shape == info.shape)
      // A sum of 4 products and one addition, each rounded to F32.
      let limit = wanted.reduce(0) { max($0, abs($1)) } * 6 * 0x1p-24
      let worst = zip(values, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst <= limit, "\(info.name) is off by \(worst)")
    }
  }

  @Test(arguments: cases)
  func `what a merge leaves alone is kept byte for byte, notes and other tensors too`(
    name: String
  ) throws {
    let (plan, path) = try merged(name, nil)
    func header(_ path: Path) throws -> (GGUFHeader, [UInt8]) {
      let reader = try FileReader(path)
      return (
        try GGUFHeader(reading: reader), try reader.bytes(at: 0, count: reader.byteCount)
      )
    }
    let (old, before) = try header(Self.root.appending(name).appending("model.gguf"))
    let (new, after) = try header(path.appending("model.gguf"))
    #expect(new.notes == old.notes)
    #expect(after[new.noteBytes] == before[old.noteBytes])
    #expect(new.tensors.map(\.name) == old.tensors.map(\.name))
    var changedCount = 0
    for (one, other) in zip(old.tensors, new.tensors) {
      let bytes = before[one.byteOffset..<one.byteOffset + one.byteCount]
      if after[other.byteOffset..<other.byteOffset + other.byteCount] != bytes { changedCount += 1 }
      #expect(one.shape == other.shape)
    }
    // Experts of a layer lie in one tensor.
    let isStacked = { (name: TensorName) in name.text.contains(".experts.") }
    let touched = plan.touched.map(\.name)
    #expect(changedCount == touched.count, "\(touched.filter(isStacked).count) of them experts")
  }

  @Test(arguments: cases)
  func `a merge comes out again`(name: String) throws {
    let base = try model(name)
    let trip = try folder.roundTrip(base, adapter(name))
    #expect(trip.undone.isExact)
    guard name != "llama_q8_0" else { return }
    let wanted = try FileReader.contents(of: base.path, limit: 1 << 24)
    #expect(
      try FileReader.contents(of: trip.restored.appending("model.gguf"), limit: 1 << 24) == wanted)
  }

  @Test(arguments: cases)
  func `any division of a model into ranges reads the same bytes`(name: String) throws {
    let reader = try model(name).shards[0].reader
    let whole = try reader.bytes(at: 0, count: reader.byteCount)
    var generator = SeededGenerator(seed: 0x66_75)
    for _ in 0..<200 {
      let start = generator.index(below: whole.count)
      let count = min(whole.count - start, 1 + generator.index(below: 3000))
      #expect(try reader.bytes(at: start, count: count) == Array(whole[start..<start + count]))
    }
  }

  /// The model of a case with the one occurrence of a text's bytes replaced by others.
  private func altered(
    _ name: String, _ old: [UInt8], _ new: [UInt8], behind: String = ""
  ) throws -> Path {
    var bytes = try FileReader.contents(
      of: Self.root.appending(name).appending("model.gguf"), limit: 1 << 24)
    let mark = Array(behind.utf8)
    let from = mark.isEmpty ? 0 : try #require(bytes.firstRange(of: mark)).upperBound
    let range = try #require(bytes[from...].firstRange(of: old))
    bytes.replaceSubrange(range, with: new)
    let path = folder.path.appending("altered.gguf")
    try FileWriter.write(bytes, creating: path)
    return path
  }

  @Test func `another quantisation is refused by its name`() throws {
    let rank2: [UInt8] = [2, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0]
    let path = try altered(
      "llama_q8_0", rank2 + [8, 0, 0, 0], rank2 + [2, 0, 0, 0], behind: "blk.0.attn_q.weight")
    let error = #expect(throws: TensorError.self) { try Checkpoint(opening: path) }
    guard case .unsupported(_, let what, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(what.contains("q4_0") && what.contains("attn_q"))
  }

  @Test func `an unknown architecture is refused by its name`() throws {
    let path = try altered("qwen3_f32", Array("qwen3".utf8), Array("qwenX".utf8))
    #expect(throws: TensorError.self) { try Checkpoint(opening: path) }
  }

  @Test func `heads that do not divide the rows are refused`() throws {
    let path = try altered(
      "llama_f16", [4, 0, 0, 0, 4, 0, 0, 0], [4, 0, 0, 0, 5, 0, 0, 0],
      behind: "llama.attention.head_count")
    #expect(throws: TensorError.self) { try Checkpoint(opening: path) }
  }

  @Test func `a GGUF file is written of a GGUF base alone`() throws {
    var options = MergeOptions()
    options.container = .gguf
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora"))
    #expect(throws: AdapterError.self) {
      try MergePlan(base: base, adapters: [WeightedAdapter(adapter)], options: options)
    }
  }

  @Test func `3,000 mutated headers are read or refused`() throws {
    let source = try FileReader.contents(
      of: Self.root.appending("llama_f16").appending("model.gguf"), limit: 1 << 24)
    let end = try GGUFHeader(
      reading: try FileReader(Self.root.appending("llama_f16").appending("model.gguf"))
    ).dataByteOffset
    let path = folder.path.appending("mutant.gguf")
    var openedCount = 0
    for number in 0..<3000 {
      var generator = SeededGenerator(seed: 0x6767_7566 &+ UInt64(number) &* 0x1_0000_0001)
      let head = Array(source[..<end]).mutated(by: &generator, donor: source)
      try path.removeTree()
      try FileWriter.write(head + source[end...], creating: path)
      guard let model = try? Checkpoint(opening: path) else { continue }
      openedCount += 1
      for shard in model.shards {
        for info in shard.tensors {
          #expect(try shard.bytes(of: info).count == info.byteCount, "case \(number)")
        }
      }
    }
    #expect((1..<3000).contains(openedCount))
  }
}
