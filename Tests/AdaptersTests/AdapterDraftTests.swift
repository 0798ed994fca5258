import Compute
import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct AdapterDraftTests {
  /// Every fixture that the rank of a LoRA applies to.
  static let fixtures = [
    "lora", "lora_bf16", "rslora", "rslora_patterns", "lora_patterns", "lora_embedding",
    "lora_embedding_saved", "lora_bias_gpt2", "lora_bias_all_gpt2", "lora_lorabias_gpt2",
    "lora_conv", "lora_conv1d_gpt2", "lora_layers", "lora_llava", "lora_modules_to_save",
    "lora_named_adapter", "lora_tied_embedding_gpt2", "lora_trainable_tokens", "lora_bin_zip",
    "dora", "dora_conv", "dora_conv1d_gpt2", "dora_embedding",
  ]

  private static func written(_ name: String, in folder: MadeFolder) throws -> (Adapter, Adapter) {
    let source = try Adapter(opening: Fixtures.peft.appending(name))
    let place = folder.path.appending("out")
    try AdapterDraft(copying: source).write(to: place, execution: .small)
    return (source, try Adapter(opening: place))
  }

  @Test(arguments: fixtures)
  func `an adapter that is written as it is reads back the same`(name: String) throws {
    let folder = try MadeFolder()
    let (source, copy) = try Self.written(name, in: folder)
    let difference = try AdapterDifference(from: source, to: copy, execution: .small)
    #expect(difference.changedUpdates.isEmpty)
    #expect(difference.updates.count == source.updates.count)
    #expect(copy.method == source.method && copy.declaredBase == source.declaredBase)
    #expect(copy.wholeModules == source.wholeModules)
    for (before, after) in zip(source.updates, copy.updates) {
      #expect(before.factors?.isFanInFanOut == after.factors?.isFanInFanOut)
      #expect(before.factors?.layout == after.factors?.layout)
      if case .rows(let old, _) = before.change, case .rows(let new, _) = after.change {
        #expect(old == new)
      }
    }
  }

  /// PEFT's own writer is the witness of names and order.
  @Test(arguments: ["lora", "lora_embedding_saved", "lora_bias_all_gpt2", "dora_conv"])
  func `the weights file is the one that PEFT writes`(name: String) throws {
    let folder = try MadeFolder()
    let (source, copy) = try Self.written(name, in: folder)
    #expect(source.file.tensors.map(\.name).sorted() == copy.file.tensors.map(\.name))
    for tensor in copy.file.tensors {
      let other = try #require(source.file.tensors.first { $0.name == tensor.name })
      #expect(try copy.file.bytes(of: tensor) == source.file.bytes(of: other))
    }
  }

  @Test func `ranks and scalings are told by patterns that match one module each`() throws {
    let folder = try MadeFolder()
    let modules: [(TargetModule, Int, Double)] = [
      ("model.layers.1.q_proj", 2, 0.5), ("other.model.layers.1.q_proj", 3, 2),
      ("model.layers.11.q_proj", 3, 2), ("model.layers.1.q-proj (x)", 5, 1.0 / 3),
    ]
    for isStabilised in [false, true] {
      let draft = AdapterDraft(
        modules: modules.map { target, rank, scaling in
          ModuleDraft(
            target,
            a: DraftTensor(RealMatrix(rows: rank, columns: 7), extents: [rank, 7], as: .f16),
            b: DraftTensor(RealMatrix(rows: 6, columns: rank), extents: [6, rank], as: .bf16),
            scaling: scaling)
        }, declaredBase: "some/base", isRankStabilised: isStabilised)
      let place = folder.path.appending("out-\(isStabilised)")
      try draft.write(to: place, execution: .small)
      let adapter = try Adapter(opening: place)
      #expect(adapter.method == (isStabilised ? .rslora : .lora))
      #expect(adapter.declaredBase == "some/base")
      #expect(adapter.updates.count == modules.count)
      for (target, rank, scaling) in modules {
        let update = try #require(adapter.updates.first { $0.target.module == target })
        #expect(update.factors?.rank == rank)
        let read = try #require(update.factors?.scaling.factor)
        #expect(abs(read - scaling) <= scaling * 0x1p-51)
      }
      let document = try JSONValue(parsing: adapter.configBytes)
      #expect(document["r"]?.integer == 3)
      #expect(document["rank_pattern"]?[#"^model\.layers\.1\.q_proj"#] == 2)
      #expect(document["target_modules"]?.elements?.count == modules.count)
    }
  }

  @Test func `what is written depends on the draft alone`() throws {
    let folder = try MadeFolder()
    let draft = try AdapterDraft(
      copying: Adapter(opening: Fixtures.peft.appending("rslora_patterns")))
    for (name, threads) in [("one", 1), ("four", 4)] {
      try draft.write(
        to: folder.path.appending(name), execution: Execution(workers: .init(count: threads)))
    }
    let differences = try DirectoryContents(folder.path.appending("one"))
      .differences(from: DirectoryContents(folder.path.appending("four")))
    #expect(differences.isEmpty)
  }

  @Test func `a value that its type cannot hold is refused, and nothing is left`() throws {
    let folder = try MadeFolder()
    let large = RealMatrix(rows: 1, columns: 2, elements: [1, 70_000])
    let draft = AdapterDraft(modules: [
      ModuleDraft(
        "q_proj", a: DraftTensor(large, extents: [1, 2], as: .f16),
        b: DraftTensor(RealMatrix(rows: 3, columns: 1), extents: [3, 1], as: .f16), scaling: 1)
    ])
    #expect(throws: AdapterError.self) {
      try draft.write(to: folder.path.appending("out"), execution: .small)
    }
    #expect(try folder.path.entryNames().isEmpty)
  }

  @Test func `an existing output and a source are not overwritten`() throws {
    let folder = try MadeFolder()
    let draft = try AdapterDraft(copying: Adapter(opening: Fixtures.peft.appending("lora")))
    let place = folder.path.appending("out")
    try draft.write(to: place, execution: .small)
    #expect(throws: AdapterError.self) { try draft.write(to: place, execution: .small) }
    try draft.write(to: place, replacing: true, execution: .small)
    let own = try AdapterDraft(copying: Adapter(opening: place))
    #expect(throws: AdapterError.self) {
      try own.write(to: place, replacing: true, execution: .small)
    }
    #expect(try Adapter(opening: place).updates.count == draft.modules.count)
  }

  @Test func `a tokenizer and a licence go along, the state of a training run does not`() throws {
    let folder = try MadeFolder()
    let source = try folder.adapter([
      FilledTensor("base_model.model.q.lora_A.weight", [4, 5], seed: 1),
      FilledTensor("base_model.model.q.lora_B.weight", [6, 4], seed: 2),
    ])
    for name in ["tokenizer.json", "LICENSE", "README.md", "trainer_state.json", "optimizer.pt"] {
      try folder.write("x", to: "adapter/\(name)")
    }
    let place = folder.path.appending("out")
    try AdapterDraft(copying: source).write(to: place, execution: .small)
    #expect(
      try place.entryNames().sorted() == [
        "LICENSE", "README.md", "adapter_config.json", "adapter_model.safetensors",
        "tokenizer.json",
      ])
  }
}
