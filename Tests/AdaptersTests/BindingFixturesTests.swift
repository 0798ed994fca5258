import Files
import JSON
import Tensors
import Testing

@testable import Adapters

@Suite struct BindingFixturesTests {
  /// The fixtures that open, with the name of their expected merge where it is another's.
  static let names = [
    "lora", "rslora", "lora_patterns", "rslora_patterns", "lora_bf16", "lora_layers",
    "lora_named_adapter", "lora_embedding", "lora_embedding_saved", "lora_modules_to_save",
    "lora_trainable_tokens", "trainable_tokens", "lora_bias_gpt2", "lora_bias_all_gpt2",
    "lora_lorabias_gpt2", "lora_conv1d_gpt2", "lora_tied_embedding_gpt2", "lora_conv", "lora_llava",
    "dora", "dora_conv", "dora_embedding", "dora_conv1d_gpt2",
  ]

  @Test(arguments: names)
  func `an adapter binds to exactly the tensors that PEFT changes`(name: String) throws {
    let folder = Fixtures.peft.appending(name)
    let adapter = try Adapter(opening: folder)
    let base = try Checkpoint(opening: Fixtures.peft.appending(adapter.declaredBase ?? ""))
    let binding = try adapter.bound(to: base)
    let expected = try TensorFile(opening: folder.appending("expected_merged.safetensors"))
    #expect(
      Set(binding.bindings.map(\.tensor)).sorted() == expected.tensors.map(\.name).sorted()
    )
    #expect(binding.bindings.allSatisfy { $0.kind == .existing })
    #expect(binding.unmatched.isEmpty)
  }

  @Test func `Conv1D factors and embeddings are transposed, and nothing else`() throws {
    for (name, isTransposed) in [
      ("lora_conv1d_gpt2", true), ("dora_conv1d_gpt2", true), ("lora_tied_embedding_gpt2", true),
      ("dora_embedding", true), ("lora", false), ("lora_conv", false),
    ] {
      let adapter = try Adapter(opening: Fixtures.peft.appending(name))
      let base = try Checkpoint(opening: Fixtures.peft.appending(adapter.declaredBase ?? ""))
      let bindings = try adapter.bound(to: base).bindings
      #expect(bindings.allSatisfy { $0.isTransposed == isTransposed }, "\(name)")
    }
  }

  @Test func `a saved base layer stands before the delta that is added to it`() throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora_embedding_saved"))
    let base = try Checkpoint(opening: Fixtures.peft.appending("base"))
    let bindings = try adapter.bound(to: base).bindings
    #expect(
      bindings.map(\.tensor) == [
        "lm_head.weight", "lm_head.weight", "model.embed_tokens.weight",
        "model.embed_tokens.weight",
      ]
    )
    #expect(bindings.map(\.update.isWhole) == [true, false, true, false])
  }

  @Test func `the wrong base leaves every target unmatched, all named at once`() throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora"))
    let base = try Checkpoint(opening: Fixtures.peft.appending("base_gpt2"))
    let error = #expect(throws: AdapterError.self) {
      try adapter.bound(to: base, allowingUnmatched: true)
    }
    guard case .unmatched(_, _, let targets)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(targets.count == 14)
  }

  @Test func `a quantised base is refused by name`() throws {
    let adapter = try Adapter(opening: Fixtures.peft.appending("lora"))
    for (name, method) in [("qlora_nf4", "4 bits"), ("qlora_int8", "8 bits")] {
      let base = try Checkpoint(
        opening: Fixtures.peft.appending(name).appending("quantized.safetensors")
      )
      let error = #expect(throws: AdapterError.self) { try adapter.bound(to: base) }
      guard case .unsupported(_, let what, _)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(what.contains(method))
    }
  }
}
