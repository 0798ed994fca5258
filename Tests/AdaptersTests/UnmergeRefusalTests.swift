import Compute
import Digests
import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

/// What unmerging refuses: whatever is wrong with model, adapter, receipt or residual, no base but
/// the right one appears.
@Suite struct UnmergeRefusalTests {
  private let folder: MadeFolder
  private let base: Checkpoint
  private let adapter: Adapter
  private let merged: Path

  static let query = "model.layers.0.self_attn.q_proj"
  static let norm = "model.norm"

  /// A merged model with two tensors that have magnitudes, a replaced one and a copied one.
  init() throws {
    folder = try MadeFolder()
    base = try folder.base([
      FilledTensor("\(Self.query).weight", [20, 36], .bf16, seed: 1).sprinkled(seed: 2),
      FilledTensor("model.layers.0.self_attn.v_proj.weight", [12, 36], .bf16, seed: 3),
      FilledTensor("\(Self.norm).weight", [36], .bf16, seed: 4),
      FilledTensor("lm_head.weight", [16, 36], .bf16, seed: 5),
    ])
    adapter = try folder.adapter(
      FilledTensor.factors(Self.query, out: 20, in: 36, deviation: 0.02, seed: 6)
        + FilledTensor.factors(
          "model.layers.0.self_attn.v_proj",
          out: 12,
          in: 36,
          deviation: 0.02,
          seed: 8
        )
        + [
          FilledTensor.magnitude(Self.query, 20, norm: 0.1, seed: 10),
          FilledTensor.magnitude("model.layers.0.self_attn.v_proj", 12, norm: 0.1, seed: 12),
          FilledTensor("base_model.model.\(Self.norm).weight", [36], seed: 11),
        ],
      settings: [#""use_dora": true"#, #""modules_to_save": ["norm"]"#]
    )
    merged = folder.path.appending("merged")
    _ = try MergePlan(base: base, adapters: [WeightedAdapter(adapter)], options: MergeOptions())
      .write(to: merged, tool: "test", execution: .small)
  }

  /// A copy of the merged model with one file changed, or taken away by nil.
  private func changed(
    _ name: String,
    _ change: ([UInt8]) throws -> [UInt8]?,
    as copy: String = "changed"
  ) throws -> Path {
    let path = folder.path.appending(copy)
    try path.removeTree()
    try path.createDirectories()
    for (file, bytes) in try DirectoryContents(merged).files {
      if let bytes = file == name ? try change(bytes) : bytes {
        try FileWriter(creating: path.appending(file)).write(bytes, at: 0)
      }
    }
    return path
  }

  /// What unmerging comes to, as one word; a published result must be the base.
  private func outcome(
    _ merged: Path,
    _ adapters: [Adapter]? = nil,
    allowsInexact: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let output = folder.path.appending("out/back")
    try output.removeTree()
    do {
      let plan = try UnmergePlan(
        merged: try Checkpoint(opening: merged),
        adapters: adapters ?? [adapter],
        execution: .small
      )
      let report = try plan.write(to: output, allowsInexact: allowsInexact, execution: .small)
      guard report.isExact else { return report.isPublished ? "inexact" : "withheld" }
      let wanted = try DirectoryContents(base.path).files["model.safetensors"]
      let found = try DirectoryContents(output).files["model.safetensors"]
      #expect(found == wanted, sourceLocation: sourceLocation)
      return "exact"
    } catch {
      let left = output.parent.isDirectory ? try output.parent.entryNames() : []
      #expect(left == [], sourceLocation: sourceLocation)
      return String("\(error)".prefix { $0 != "(" })
    }
  }

  @Test func `the untouched model comes back`() throws {
    #expect(try outcome(merged) == "exact")
  }

  @Test func `another adapter is refused, as are too many and none`() throws {
    let other = try folder.adapter(
      FilledTensor.factors(Self.query, out: 20, in: 36, deviation: 0.02, seed: 60),
      named: "other"
    )
    #expect(try outcome(merged, [other]) == "wrongAdapter")
    #expect(try outcome(merged, []) == "wrongAdapter")
    #expect(try outcome(merged, [adapter, other]) == "wrongAdapter")
  }

  @Test func `an adapter with another alpha is another adapter`() throws {
    let path = folder.path.appending("copy")
    try path.createDirectories()
    for (name, bytes) in try DirectoryContents(adapter.path).files {
      let text = String(decoding: bytes, as: UTF8.self)
      let isConfig = name == "adapter_config.json"
      let new = isConfig ? Array(text.replacing("8", with: "9").utf8) : bytes
      try FileWriter(creating: path.appending(name)).write(new, at: 0)
    }
    #expect(try outcome(merged, [try Adapter(opening: path)]) == "wrongAdapter")
  }

  @Test func `the same adapter under another name is the same`() throws {
    let path = folder.path.appending("moved")
    try path.createDirectories()
    for (name, bytes) in try DirectoryContents(adapter.path).files {
      try FileWriter(creating: path.appending(name)).write(bytes, at: 0)
    }
    #expect(try outcome(merged, [try Adapter(opening: path)]) == "exact")
  }

  /// The byte of a tensor's element in the weights' file.
  private func offset(_ name: TensorName) throws -> Int {
    let file = try TensorFile(opening: merged.appending("model.safetensors"))
    return try #require(file.tensors.first { $0.name == name }).byteOffset + 8
  }

  @Test(arguments: [
    TensorName("\(query).weight"), "model.layers.0.self_attn.v_proj.weight", "model.norm.weight",
    "lm_head.weight",
  ])
  func `an edited tensor is found, also one that no adapter touches`(name: TensorName) throws {
    let place = try offset(name)
    let path = try changed("model.safetensors") { bytes in
      var bytes = bytes
      bytes[place] ^= 1
      return bytes
    }
    #expect(try outcome(path) == "edited")
    #expect(try outcome(path, allowsInexact: true) == "edited")
    // Without the residual, too.
    try path.appending(ResidualFile.fileName).removeTree()
    #expect(["edited", "magnitudesNeedResidual"].contains(try outcome(path, allowsInexact: true)))
  }

  @Test func `a model that lost, gained or renamed a tensor is edited`() throws {
    let file = try TensorFile(opening: merged.appending("model.safetensors"))
    let tensors = try file.tensors.map {
      FilledTensor(
        $0.name.text,
        $0.shape.extents,
        $0.dtype,
        bytes: try file.bytes(of: $0)
      )
    }
    let lost = try changed("model.safetensors") { _ in
      FilledTensor.safetensors(Array(tensors.dropLast()))
    }
    #expect(try outcome(lost) == "edited")
    let reshaped = try changed("model.safetensors") { _ in
      FilledTensor.safetensors(
        tensors.map { FilledTensor($0.name, $0.extents.reversed(), $0.dtype, bytes: $0.bytes) }
      )
    }
    #expect(try outcome(reshaped) == "edited")
    // A tensor more is not the merge's, and does not stand in the way.
    let gained = try changed("model.safetensors") { _ in
      FilledTensor.safetensors(tensors + [FilledTensor("more.weight", [2], values: [1, 2])])
    }
    #expect(["exact", "edited"].contains(try outcome(gained)))
  }

  @Test func `the receipt of another merge is refused`() throws {
    let trip = try folder.roundTrip(
      base,
      [WeightedAdapter(adapter, weight: 1)],
      {
        var options = MergeOptions()
        options.filter.excluded = ["*v_proj*"]
        return options
      }()
    )
    let foreign = try DirectoryContents(trip.merged).files
    let receipt = try changed(MergeReceipt.fileName) { _ in foreign[MergeReceipt.fileName] }
    #expect(try outcome(receipt) != "exact")
    let residual = try changed(ResidualFile.fileName) { _ in foreign[ResidualFile.fileName] }
    #expect(try outcome(residual) == "malformedResidual")
  }

  @Test func `a missing receipt is named`() throws {
    let path = try changed(MergeReceipt.fileName) { _ in nil }
    #expect(try outcome(path) == "malformedReceipt")
  }

  @Test func `without the residual an additive merge is inexact, and said to be`() throws {
    let lora = try folder.adapter(
      FilledTensor.factors(Self.query, out: 20, in: 36, deviation: 0.02, seed: 6),
      named: "lora"
    )
    let plan = try MergePlan(
      base: base,
      adapters: [WeightedAdapter(lora)],
      options: MergeOptions()
    )
    let path = folder.path.appending("plain")
    _ = try plan.write(to: path, tool: "test", execution: .small)
    try path.appending(ResidualFile.fileName).removeTree()
    #expect(try outcome(path, [lora]) == "withheld")
    #expect(try folder.path.appending("out").entryNames() == [])
    #expect(try outcome(path, [lora], allowsInexact: true) == "inexact")
    let back = try Checkpoint(opening: folder.path.appending("out/back"))
    let (wanted, found) = (try base.values("lm_head.weight"), try back.values("lm_head.weight"))
    #expect(found == wanted)
  }

  @Test func `without the residual a tiny change is exact when it happens to be`() throws {
    let lora = try folder.adapter(
      FilledTensor.factors(Self.query, out: 20, in: 36, deviation: 0.001, seed: 6),
      named: "lora"
    )
    // Sums that stay in their binade lose nothing.
    let even = try folder.base(
      [
        FilledTensor(
          "\(Self.query).weight",
          [20, 36],
          .f32,
          values: .init(repeating: 1.5, count: 720)
        )
      ],
      named: "even"
    )
    var options = MergeOptions()
    options.writesResidual = false
    let path = folder.path.appending("plain")
    _ = try MergePlan(base: even, adapters: [WeightedAdapter(lora)], options: options)
      .write(to: path, tool: "test", execution: .small)
    let plan = try UnmergePlan(
      merged: try Checkpoint(opening: path),
      adapters: [lora],
      execution: .small
    )
    #expect(!plan.hasResidual)
    let report = try plan.write(to: folder.path.appending("back"), execution: .small)
    #expect(report.isExact && report.isPublished)
  }

  @Test func `without the residual DoRA and replacements cannot come back`() throws {
    let path = try changed(ResidualFile.fileName) { _ in nil }
    #expect(try outcome(path, allowsInexact: true) == "magnitudesNeedResidual")
    var options = MergeOptions()
    options.filter.included = ["*norm*"]
    let plan = try MergePlan(
      base: base,
      adapters: [WeightedAdapter(adapter)],
      options: options
    )
    let replaced = folder.path.appending("replaced")
    _ = try plan.write(to: replaced, tool: "test", execution: .small)
    try replaced.appending(ResidualFile.fileName).removeTree()
    let undo = try UnmergePlan(
      merged: try Checkpoint(opening: replaced),
      adapters: [adapter],
      execution: .small
    )
    let report = try undo.write(to: folder.path.appending("back"), execution: .small)
    #expect(report.inexact == ["model.norm.weight"])
    // What was replaced is not approximated by what replaced it.
    #expect(report.relativeErrorBound == nil)
  }

  @Test func `a residual cut short anywhere is refused`() throws {
    let bytes = try #require(try DirectoryContents(merged).files[ResidualFile.fileName])
    for count in stride(from: 0, to: bytes.count, by: 7) {
      let path = try changed(ResidualFile.fileName) { Array($0.prefix(count)) }
      #expect(try outcome(path) == "malformedResidual", "\(count) of \(bytes.count)")
    }
  }

  @Test func `no fault of the residual gives another base`() throws {
    let bytes = try #require(try DirectoryContents(merged).files[ResidualFile.fileName])
    var generator = SeededGenerator(seed: 41)
    for trial in 0..<250 {
      let mutated =
        trial < 100
        ? bytes.withBitFlipped(generator.index(below: bytes.count * 8))
        : bytes.mutated(by: &generator, donor: bytes)
      let path = try changed(ResidualFile.fileName) { _ in mutated }
      let outcome = try outcome(path, allowsInexact: true)
      // A fault where nothing is read is harmless; every other one is found.
      let known = ["exact", "malformedResidual", "corrections", "notRestored", "file"]
      #expect(known.contains(outcome), "trial \(trial)")
    }
  }

  @Test func `no fault of a receipt traps, or writes outside of the output`() throws {
    let bytes = try #require(try DirectoryContents(merged).files[MergeReceipt.fileName])
    let donor = Array(
      #"["../../etc/x",-1,1e308,9223372036854775807,null,true,{"header":"{}"},"b3:","rows","F64"]"#
        .utf8
    )
    var generator = SeededGenerator(seed: 43)
    var counts: [String: Int] = [:]
    for trial in 0..<600 {
      let json = try JSONValue(parsing: bytes)
      let mutated =
        trial % 2 == 0
        ? bytes.mutated(by: &generator, donor: donor)
        : Array(json.mutated(by: &generator).text(.indented).utf8)
      let path = try changed(MergeReceipt.fileName) { _ in mutated }
      let before = try folder.path.entryNames()
      counts[try outcome(path, allowsInexact: true), default: 0] += 1
      let new = Set(try folder.path.entryNames()).subtracting(before)
      #expect(new.isSubset(of: ["out"]), "trial \(trial)")
    }
    #expect(counts["malformedReceipt", default: 0] > 100, "\(counts)")
    #expect(counts["inexact"] == nil, "\(counts)")
  }

  /// A receipt's shards and files may name nothing outside of the output.
  @Test(arguments: ["../escaped", "/tmp/escaped", "a/b", "..", ".", "", "nul\u{0}l"])
  func `names that leave the directory are malformed`(name: String) throws {
    for key in ["base_shards", "base_files"] {
      let path = try changed(MergeReceipt.fileName) { bytes in
        var json = try JSONValue(parsing: bytes)
        if key == "base_files" {
          json.set(key, to: .object([.init(name, "text")]))
        } else {
          json.set(key, to: [["file": .string(name), "header": .null]])
        }
        return Array(json.text().utf8)
      }
      #expect(try outcome(path) == "malformedReceipt")
    }
  }

  /// Unmerges with an edited receipt.
  private func outcome(editing edit: (inout JSONValue) -> Void) throws -> String {
    let path = try changed(MergeReceipt.fileName) { bytes in
      var json = try JSONValue(parsing: bytes)
      edit(&json)
      return Array(json.text().utf8)
    }
    return try outcome(path, allowsInexact: true)
  }

  /// The JSON of a safetensors header.
  private func header(_ name: TensorName, _ extents: [Int]) throws -> JSONValue {
    let shape = try #require(Shape(extents))
    let header = SafetensorsHeader([.init(name: name, dtype: .bf16, shape: shape)], metadata: [])
    return .string(String(decoding: header.bytes.dropFirst(8), as: UTF8.self))
  }

  @Test func `a receipt that has a tensor in two files is refused`() throws {
    let file = try TensorFile(opening: base.path.appending("model.safetensors"))
    let json = String(decoding: try file.headerBytes().dropFirst(8), as: UTF8.self)
    let outcome = try outcome { receipt in
      receipt.set(
        "base_shards",
        to: [
          ["file": "model.safetensors", "header": .null],
          ["file": "again.safetensors", "header": .string(json)],
        ]
      )
    }
    #expect(outcome == "malformedReceipt")
  }

  @Test(arguments: [[90, 36], [1, 36], [36, 20]])
  func `a receipt that tells of another shape is refused`(extents: [Int]) throws {
    let header = try header(TensorName("\(Self.query).weight"), extents)
    let outcome = try outcome { receipt in
      receipt.set("base_shards", to: [["file": "model.safetensors", "header": header]])
      var records = receipt["tensors"]?.elements ?? []
      records[0].set("base_shape", to: .array(extents.map { .integer($0) }))
      receipt.set("tensors", to: .array(records))
    }
    #expect(outcome == "malformedReceipt")
  }
}

extension [UInt8] {
  /// These bytes with one bit the other way.
  fileprivate func withBitFlipped(_ bit: Int) -> [UInt8] {
    var bytes = self
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    return bytes
  }
}

extension JSONValue {
  /// This document with one value, anywhere in it, replaced by another.
  func mutated(by generator: inout SeededGenerator) -> JSONValue {
    switch self {
    case .object(var members) where !members.isEmpty && generator.index(below: 8) > 0:
      let index = generator.index(below: members.count)
      if generator.index(below: 12) == 0 {
        members.remove(at: index)
      } else {
        members[index].value = members[index].value.mutated(by: &generator)
      }
      return .object(members)
    case .array(var elements) where !elements.isEmpty && generator.index(below: 8) > 0:
      let index = generator.index(below: elements.count)
      switch generator.index(below: 12) {
      case 0: elements.remove(at: index)
      case 1: elements.append(elements[index])
      case 2: elements.swapAt(index, generator.index(below: elements.count))
      default: elements[index] = elements[index].mutated(by: &generator)
      }
      return .array(elements)
    case .bool(let value): return .bool(!value)
    case .integer(let value):
      let others = [0, -1, value + 1, value * 2, 1 << 40, .max, .min]
      return .integer(others[generator.index(below: others.count)])
    default:
      let others: [JSONValue] = [
        .null, "", "../x", "F64", "BF16", "rows", "delta", "magnitude", "replacement", 0, -1, 1.5,
        1e308, [], [:], [1_099_511_627_776, 1_099_511_627_776], "adapterctl.residual", "peft", "{}",
      ]
      return others[generator.index(below: others.count)]
    }
  }
}
