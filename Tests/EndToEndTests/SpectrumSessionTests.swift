import Files
import Foundation
import FoundationXML
import JSON
import TestSupport
import Testing

/// `inspect --spectrum` and `diff --plot` as users run them: documents, drawings, and what is kept.
@Suite struct SpectrumSessionTests {
  private static let adapter = "fixtures/lab/runs/lora-r8/checkpoint-150"
  private static let full = "fixtures/lab/runs/full/checkpoint-600"
  private static let base = "fixtures/lab/base"
  private static let tuned = ["inspect", "tuned", "--base", "base", "--spectrum"]

  /// A model of three layers and a fine-tune of it, `base` and `tuned` in a folder.
  private static func writeModels(in folder: Path) throws {
    for (name, seed) in [("base", 1), ("tuned", 50)] as [(String, UInt64)] {
      try folder.appending(name).createDirectories()
      let tensors = (0..<3).flatMap { layer in
        [("mlp.up_proj", [12, 8]), ("self_attn.q_proj", [8, 8])].enumerated().map { place, module in
          FilledTensor(
            "model.layers.\(layer).\(module.0).weight", module.1, .bf16,
            seed: seed + UInt64(2 * layer + place))
        }
      }
      try SyntheticModel.write(tensors, to: folder.appending("\(name)/model.safetensors"))
    }
  }

  private static func document(_ outcome: Program.Outcome) throws -> JSONValue {
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try JSONValue(parsing: Array(outcome.output.utf8))
  }

  @Test func `inspect has one schema, to which --spectrum adds a member`() throws {
    let program = try Program()
    let figures = [
      "spectral", "frobenius", "nuclear", "stable_rank", "effective_rank", "rank_50", "rank_90",
      "rank_99", "singular_values",
    ]
    for (kind, path, plain, parts) in [
      ("adapter", Self.adapter, ["inspect", Self.adapter], ["change"]),
      (
        "model", Self.full, ["inspect", Self.full],
        ["change", "above_noise", "base", "tuned"]
      ),
    ] {
      let without = try Self.document(try program.run(plain + ["--json"]))
      let with = try Self.document(
        try program.run(
          ["inspect", path, "--base", Self.base, "--spectrum", "--top", "2", "--json"]))
      for document in [without, with] {
        #expect(document["schema"]?.string == "adapterctl.inspect/1")
        #expect(document["kind"]?.string == kind)
      }
      // All that is said without it is said with it.
      for member in try #require(without.members) {
        #expect(with[member.key] == member.value, "\(member.key)")
      }
      #expect(without["spectrum"] == nil)
      let spectrum = try #require(with["spectrum"])
      #expect(spectrum["base"]?.string == Self.base)
      let weights = try #require(spectrum["weights"]?.elements)
      #expect(weights.count == 2)
      for weight in weights {
        #expect(weight["relative"]?.number != nil && weight["used_rank"]?.integer != nil)
        for part in parts {
          for figure in figures { #expect(weight[part]?[figure] != nil, "\(part) \(figure)") }
        }
      }
    }
  }

  @Test func `lists are cut and ordered as is asked, in every form`() throws {
    let program = try Program()
    try Self.writeModels(in: program.folder.path)
    let options = ["--sort", "rank90", "--top", "3"]
    let document = try Self.document(try program.run(Self.tuned + options + ["--json"]))
    let weights = try #require(document["spectrum"]?["weights"]?.elements)
    let ranks = weights.compactMap { $0["above_noise"]?["rank_90"]?.integer }
    #expect(ranks.count == 3 && ranks == ranks.sorted(by: >))
    let csv = try program.run(Self.tuned + options + ["--csv"])
    let lines = csv.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(lines.count == 4 && Set(lines.map(\.count)).count == 1)
    let names = weights.compactMap { $0["module"]?.string }
    #expect(lines.dropFirst().map { String($0[0]) } == names)
    let column = try #require(lines[0].firstIndex(of: "above_noise_rank_90"))
    #expect(lines.dropFirst().map { Int($0[column]) } == ranks)
    let text = try program.run(Self.tuned + options)
    let rows = text.output.split(separator: "\n")
    #expect(rows.contains { $0.contains("… and 3 more") })
    let some = try Self.document(
      try program.run(
        Self.tuned + ["--include", "*.up_proj.*", "--exclude", "*.1.*", "--json"]))
    #expect(
      some["spectrum"]?["weights"]?.elements?.compactMap { $0["module"]?.string }
        == ["model.layers.0.mlp.up_proj", "model.layers.2.mlp.up_proj"])
    #expect(rows.allSatisfy { $0.count <= 100 })
    // Each name is in the list of changes and in that of both sides.
    for name in names {
      let end = name.split(separator: ".").suffix(3).joined(separator: ".")
      #expect(rows.count { $0.contains(end) } == 2)
    }
  }

  @Test func `drawings are well-formed, of their own, and the same each time`() throws {
    let program = try Program()
    try Self.writeModels(in: program.folder.path)
    let evil = program.folder.path.appending("a<b>&\"c\"\u{1B}.svg")
    let named = program.folder.path.appending("a<b>&\"c\"\u{1B}")
    try named.createDirectories()
    let source = Fixtures.folder.appending("lab/runs/lora-r8/checkpoint-150")
    for name in try source.entryNames() where name.hasPrefix("adapter_") {
      try FileWriter.copy(source.appending(name), creating: named.appending(name))
    }
    let commands: [[String]] = [
      ["inspect", Self.adapter, "--spectrum"], ["inspect", named.text, "--spectrum"],
      ["inspect", Self.adapter, "--spectrum", "--heat", "stable"],
      Self.tuned, Self.tuned + ["--heat", "rank90"], Self.tuned + ["--heat", "tuned90"],
      ["diff", Self.adapter, "fixtures/lab/runs/lora-r8/checkpoint-600"],
      [
        "diff", Self.adapter, "fixtures/lab/runs/lora-r8/checkpoint-600", "--heat", "cosine",
        "--norm", "nuclear",
      ],
      ["diff", "base", "tuned", "--relative"],
    ]
    var drawings: Set<[UInt8]> = []
    for command in commands {
      let outcome = try program.run(command + ["--plot", evil.text, "-q"])
      #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome.errors)")
      let bytes = try FileReader.contents(of: evil, limit: 1 << 24)
      #expect(XMLParser(data: Data(bytes)).parse(), "\(command)")
      let text = String(decoding: bytes, as: UTF8.self)
      for link in ["href", "url(", "@import", "<script"] { #expect(!text.contains(link)) }
      #expect(text.components(separatedBy: "http").count == 2)
      #expect(drawings.insert(bytes).inserted)
    }
    let again = try program.run(commands[4] + ["--plot", evil.text, "--threads", "1", "-q"])
    #expect(again.code == 0)
    #expect(drawings.contains(try FileReader.contents(of: evil, limit: 1 << 24)))
    #expect(
      try program.folder.path.entryNames().allSatisfy { !$0.hasSuffix(".partial") })
  }

  @Test func `the base's decomposition is kept in the repository, and changes no answer`() throws {
    let session = try StoreSession()
    // The same models inside the repository and outside of one.
    for folder in [session.work, session.program.folder.path] { try Self.writeModels(in: folder) }
    let command = Self.tuned + ["--intruders", "--json"]
    let without = try session.program.run(command)
    #expect(without.code == 0, "\(without.errors)")
    let cache = session.work.appending(".adapterctl/cache/decompositions")
    let first = try session.run(command)
    #expect(first.code == 0, "\(first.errors)")
    let kept = try cache.entryNames()
    #expect(kept.count == 6)
    let second = try session.run(command)
    #expect(second.output == first.output && without.output == first.output)
    for (place, name) in kept.enumerated() {
      let file = cache.appending(name)
      var bytes = try FileReader.contents(of: file, limit: 1 << 24)
      if place % 2 == 0 { bytes[bytes.count / 2] ^= 1 } else { bytes.removeLast(9) }
      try file.removeFile()
      try FileWriter.write(bytes, creating: file)
    }
    #expect(try session.run(command).output == first.output)
    #expect(try session.run(["fsck"]).code == 0)
    #expect(try session.run(["config", "cache.decompositions", "much"]).code == 64)
    // Others than config may have written it.
    try FileWriter.write(
      Array("{\"cache.decompositions\": \"much\"}\n".utf8),
      creating: session.work.appending(".adapterctl/config.json"))
    let refused = try session.run(command)
    #expect(refused.code == 64 && refused.errors.contains("\"code\":64"))
    try cache.removeTree()
    #expect(try session.run(["config", "cache.decompositions", "0"]).code == 0)
    #expect(try session.run(command).output == first.output)
    #expect(cache.kind == nil)
  }

  @Test func `log --stat says how far each kind moved, as diff does`() throws {
    let session = try StoreSession()
    for step in [450, 600] {
      try session.take(step: step, as: "math")
      #expect(try session.run(["add", "math"]).code == 0)
      #expect(try session.run(["commit", "-m", "step \(step)"]).code == 0)
    }
    let log = try Self.document(try session.run(["log", "--stat", "-n", "1", "--json"]))
    let change = try #require(log["commits"]?.elements?.first?["changes"]?.elements?.first)
    let modules = try #require(change["modules"]?.elements)
    let diff = try Self.document(
      try session.run(["diff", "HEAD~1:math", "HEAD:math", "--norm", "frobenius", "--json"]))
    let updates = try #require(diff["updates"]?.elements)
    #expect(modules.count == 7)
    for module in modules {
      let kind = try #require(module["module"]?.string)
      let group = updates.filter { $0["module"]?.string?.hasSuffix(kind) ?? false }
      #expect(group.count == module["count"]?.integer)
      for (key, side) in [("distance", "distance"), ("old_norm", "old")] {
        let squares = group.compactMap { $0["norms"]?[side]?.number }.map { $0 * $0 }
        let expected = squares.reduce(0, +).squareRoot()
        let value = try #require(module[key]?.number)
        #expect(abs(value - expected) <= 1e-9 * expected && expected > 0)
      }
    }
    let text = try session.run(["log", "--stat", "-n", "1"]).output
    #expect(text.contains("‖Δ−Δparent‖F"))
  }
}
