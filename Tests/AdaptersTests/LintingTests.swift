import Files
import TestSupport
import Testing

@testable import Adapters

@Suite struct LintingTests {
  /// An adapter that a rule finds something in, and one that it leaves alone.
  struct Pair: Sendable, CustomTestStringConvertible {
    let rule: String
    let target: LintTarget
    let fires: String
    let rests: String
    var testDescription: String { "\(rule) for \(target.rawValue)" }

    init(_ rule: String, _ target: LintTarget, _ fires: String, not rests: String) {
      self.rule = rule
      self.target = target
      self.fires = fires
      self.rests = rests
    }
  }

  static let pairs = [
    Pair("layout", .vllm, "mlx_lora", not: "lora"),
    Pair("layout", .peft, "gguf_lora", not: "loha"),
    Pair("layout", .mlx, "lora", not: "mlx_lora"),
    Pair("layout", .llamaCPP, "lora", not: "gguf_lora"),
    Pair("layout", .ollama, "mlx_lora", not: "lora"),
    Pair("layout", .diffusers, "lora", not: "lycoris_locon"),
    Pair("dora", .vllm, "dora", not: "lora"), Pair("dora", .llamaCPP, "dora", not: "gguf_lora"),
    Pair("dora", .ollama, "dora", not: "lora"),
    Pair("whole-tensors", .vllm, "lora_modules_to_save", not: "lora"),
    Pair("whole-tensors", .mlx, "lora_modules_to_save", not: "mlx_lora"),
    Pair("rows", .vllm, "lora_trainable_tokens", not: "lora"),
    Pair("bias", .vllm, "lora_lorabias_gpt2", not: "lora"),
    Pair("patterns", .vllm, "lora_patterns", not: "rslora"),
    Pair("scale", .ollama, "rslora", not: "lora"),
    Pair("scale", .llamaCPP, "lora_patterns", not: "lora"),
    Pair("embedding", .ollama, "lora_embedding", not: "lora"),
    Pair("ranks", .mlx, "lora_patterns", not: "mlx_lora"),
    Pair("convolution", .vllm, "lora_conv", not: "lora"),
    Pair("method", .vllm, "loha", not: "lora"), Pair("method", .ollama, "lora_xs", not: "lora"),
    Pair("method", .mlx, "ia3", not: "mlx_lora"),
    Pair("method", .llamaCPP, "mora_type1", not: "gguf_lora"),
    Pair("method", .diffusers, "lycoris_locon_tucker", not: "lycoris_locon"),
    Pair("read-as-lora", .peft, "lora_xs", not: "loha"),
    Pair("read-as-lora", .peft, "mora_type1", not: "lora"),
    Pair("initialisation", .vllm, "pissa", not: "pissa/converted"),
    Pair("initialisation", .llamaCPP, "olora", not: "lora"),
  ]

  private func found(_ name: String, _ target: LintTarget, rankLimit: Int = 16) throws -> [String] {
    let folder = Fixtures.peft.appending(name)
    let own = folder.appending("adapter.safetensors")
    let adapter = try Adapter(opening: own.isFile ? own : folder)
    return Linting(adapter, for: target, rankLimit: rankLimit).findings.map(\.rule)
  }

  @Test(arguments: pairs)
  func `a rule fires where it should, and nowhere else`(pair: Pair) throws {
    #expect(try found(pair.fires, pair.target).contains(pair.rule), "\(pair.fires)")
    #expect(try !found(pair.rests, pair.target).contains(pair.rule), "\(pair.rests)")
  }

  @Test(arguments: [
    ("lora", LintTarget.vllm), ("rslora", .vllm), ("lora", .peft), ("loha", .peft),
    ("dora", .peft), ("mlx_lora", .mlx), ("gguf_lora", .llamaCPP), ("lora", .ollama),
    ("lycoris_locon", .diffusers), ("lora_bf16", .vllm),
  ])
  func `nothing is found where nothing is wrong`(name: String, target: LintTarget) throws {
    #expect(try found(name, target) == [])
  }

  @Test func `the rank limit is the program's own`() throws {
    #expect(try found("lora", .vllm, rankLimit: 2) == ["rank"])
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora"))
    let finding = try #require(Linting(adapter, for: .vllm, rankLimit: 2).findings.first)
    #expect(finding.remedy.contains("--rank 2 -o OUT"))
    #expect(finding.sentence.contains("(2)"))
  }

  @Test func `a factor that ggml has no type for is found, and an adapter of nothing`() throws {
    let folder = try MadeFolder()
    let wide = FilledTensor(
      "base_model.model.q.lora_A.weight", [4, 4], .f64, bytes: [UInt8](repeating: 0, count: 128))
    let adapter = try folder.adapter(
      [wide, .init("base_model.model.q.lora_B.weight", [4, 4], seed: 2)])
    #expect(Linting(adapter, for: .ollama).findings.map(\.rule).contains("dtype"))
    let nothing = adapter.with(updates: [])
    for target in LintTarget.allCases {
      #expect(Linting(nothing, for: target).findings.map(\.rule).contains("empty"))
      #expect(!Linting(adapter, for: target).findings.map(\.rule).contains("empty"))
    }
  }

  @Test func `every rule has a case, a source and a remedy`() {
    let others: Set = ["rank", "dtype", "empty"]
    #expect(
      Set(LintRule.all.map(\.name)) == Set(Self.pairs.map(\.rule)).union(others))
    for rule in LintRule.all {
      #expect(!rule.source.isEmpty && !rule.remedy.isEmpty && !rule.targets.isEmpty)
    }
  }
}
