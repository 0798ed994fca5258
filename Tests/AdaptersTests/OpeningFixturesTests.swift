import Files
import Tensors
import Testing

@testable import Adapters

@Suite struct OpeningFixturesTests {
  /// A fixture that opens: how many low-rank updates, other updates, and the scalings that occur.
  struct Opened: Sendable, CustomStringConvertible {
    let name: String
    let method: AdapterMethod
    let lowRank: Int
    let others: Int
    let factors: [Double]
    var description: String { name }
  }

  @Test(arguments: [
    Opened(name: "lora", method: .lora, lowRank: 14, others: 0, factors: [1.5]),
    Opened(name: "rslora", method: .rslora, lowRank: 14, others: 0, factors: [3]),
    Opened(name: "lora_bf16", method: .lora, lowRank: 4, others: 0, factors: [1.5]),
    Opened(name: "lora_layers", method: .lora, lowRank: 2, others: 0, factors: [1.5]),
    Opened(name: "lora_named_adapter", method: .lora, lowRank: 2, others: 0, factors: [1.5]),
    Opened(name: "lora_embedding", method: .lora, lowRank: 4, others: 0, factors: [1.5]),
    Opened(name: "lora_embedding_saved", method: .lora, lowRank: 2, others: 2, factors: [1.5]),
    Opened(name: "lora_modules_to_save", method: .lora, lowRank: 2, others: 6, factors: [1.5]),
    Opened(name: "lora_trainable_tokens", method: .lora, lowRank: 2, others: 1, factors: [1.5]),
    Opened(name: "trainable_tokens", method: .trainableTokens, lowRank: 0, others: 1, factors: []),
    Opened(name: "lora_bias_gpt2", method: .lora, lowRank: 2, others: 2, factors: [1.5]),
    Opened(name: "lora_bias_all_gpt2", method: .lora, lowRank: 2, others: 13, factors: [1.5]),
    Opened(name: "lora_lorabias_gpt2", method: .lora, lowRank: 2, others: 2, factors: [1.5]),
    Opened(name: "lora_conv1d_gpt2", method: .lora, lowRank: 8, others: 0, factors: [1.5]),
    Opened(name: "lora_tied_embedding_gpt2", method: .lora, lowRank: 1, others: 0, factors: [1.5]),
    Opened(name: "lora_conv", method: .lora, lowRank: 4, others: 0, factors: [1.5]),
    Opened(name: "lora_llava", method: .lora, lowRank: 3, others: 0, factors: [2]),
    Opened(name: "dora", method: .dora, lowRank: 4, others: 0, factors: [1.5]),
    Opened(name: "dora_conv", method: .dora, lowRank: 4, others: 0, factors: [1.5]),
    Opened(name: "dora_embedding", method: .dora, lowRank: 1, others: 0, factors: [1.5]),
    Opened(name: "dora_conv1d_gpt2", method: .dora, lowRank: 2, others: 0, factors: [1.5]),
    Opened(name: "pissa/converted", method: .lora, lowRank: 4, others: 0, factors: [1.5]),
    Opened(name: "olora/converted", method: .lora, lowRank: 4, others: 0, factors: [1.5]),
  ])
  func `a fixture opens`(expected: Opened) throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending(expected.name))
    let pairs = adapter.updates.compactMap(\.lowRank)
    #expect(adapter.method == expected.method)
    #expect(pairs.count == expected.lowRank)
    #expect(adapter.updates.count - pairs.count == expected.others)
    #expect(Set(pairs.map(\.scaling.factor)) == Set(expected.factors))
    #expect(
      adapter.updates.flatMap(\.tensors).map(\.name).sorted()
        == adapter.file.tensors.map(\.name)
        .sorted()
    )
  }

  @Test(arguments: ["lora_bin_zip", "lora_bin_legacy"])
  func `a PyTorch file holds the same updates as its safetensors twin`(name: String) throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending(name))
    let twin = try Adapter(opening: Fixtures.peft.appending("lora"))
    #expect(adapter.updates.map(\.target) == twin.updates.map(\.target))
    #expect(adapter.updates.map(\.lowRank?.a.columns) == twin.updates.map(\.lowRank?.a.columns))
    #expect(adapter.updates.map(\.lowRank?.scaling) == twin.updates.map(\.lowRank?.scaling))
  }

  @Test func `rank and alpha patterns are matched independently`() throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora_patterns"))
    func scaling(_ target: TargetModule) -> Scaling? {
      adapter.updates.first { $0.target.module == target }?.lowRank?.scaling
    }
    #expect(scaling("model.layers.0.self_attn.q_proj") == Scaling(alpha: 16, rank: 2))
    #expect(scaling("model.layers.1.self_attn.q_proj") == Scaling(alpha: 6, rank: 4))
    #expect(scaling("model.layers.0.self_attn.v_proj") == Scaling(alpha: 6, rank: 8))
    #expect(scaling("model.layers.1.mlp.up_proj") == Scaling(alpha: 6, rank: 3))
    #expect(scaling("model.layers.0.self_attn.o_proj") == Scaling(alpha: 1, rank: 4))
  }

  @Test(arguments: [
    ("alora", "activated LoRA"),
    ("lycoris_oft/adapter.safetensors", "LyCORIS"),
    ("lycoris_ia3/adapter.safetensors", "LyCORIS"),
    ("lycoris_glora/adapter.safetensors", "LyCORIS"),
    ("lycoris_locon_dora_in/adapter.safetensors", "LyCORIS DoRA"),
    ("lycoris_boft/adapter.safetensors", "LyCORIS"),
    ("qlora_nf4/quantized.safetensors", "a quantised model"),
    ("qlora_int8/quantized.safetensors", "a quantised model"),
    ("base", "a full model"), ("base/model.safetensors", "a full model"),
  ])
  func `a fixture is refused by name`(name: String, reason: String) {
    let refusal = refusal { try Adapter(opening: Fixtures.peft.appending(name)) }
    #expect(refusal.contains(reason), "\(refusal)")
  }

  @Test func `every fixture opens or is refused by name`() throws {
    for name in try Fixtures.peft.entryNames() where Fixtures.peft.appending(name).isDirectory {
      let outcome = refusal { try Adapter(opening: Fixtures.peft.appending(name)) }
      let isNamed = ["opened", "unsupported", "not an adapter"].contains {
        outcome.hasPrefix($0)
      }
      #expect(isNamed, "\(name): \(outcome)")
    }
  }
}

extension WeightUpdate {
  /// The factors, of a plain or a magnitude update.
  var lowRank: LowRank? {
    switch change {
    case .delta(.lowRank(let factors)), .magnitude(.lowRank(let factors), _): return factors
    default: return nil
    }
  }
}
