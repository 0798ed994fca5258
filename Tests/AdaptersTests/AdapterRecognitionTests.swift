import Files
import JSON
import Tensors
import TestSupport
import Testing

@testable import Adapters

@Suite struct AdapterRecognitionTests {
  private static let lab = Fixtures.package.appending("fixtures").appending("lab")

  /// The runs of the lab and what each of their checkpoints is.
  static let runs = [
    ("lora-r8", "peft lora adapterctl/lab-base"), ("lora-r32", "peft lora adapterctl/lab-base"),
    ("rslora-r8", "peft rslora adapterctl/lab-base"), ("dora-r8", "peft dora adapterctl/lab-base"),
    ("mora-r8", "peft mora adapterctl/lab-base"),
    ("lora-xs-r16", "peft lora-xs adapterctl/lab-base"),
    ("lora-sb-r16", "peft lora-xs adapterctl/lab-base"), ("full", "checkpoint"),
  ]

  @Test(arguments: runs)
  func `every checkpoint of the lab is recognised`(run: String, expected: String) throws {
    let folder = Self.lab.appending("runs").appending(run)
    let names = try folder.entryNames().filter { $0.hasPrefix("checkpoint-") }
    #expect(names.count == 4)
    for name in names { #expect(try recognised(folder.appending(name)) == expected, "\(name)") }
  }

  @Test(arguments: [
    ("lora", "peft lora"), ("dora_conv", "peft dora"),
    ("trainable_tokens", "peft trainable-tokens"),
    ("lora_bin_legacy", "peft lora"), ("base", "checkpoint"),
    ("base/model.safetensors", "checkpoint"),
    ("loha", "peft loha"), ("adalora", "peft adalora"),
    ("ia3", "peft ia3"),
    ("ln_tuning", "peft ln-tuning"), ("alora", "foreign peft: alora"),
    ("pissa", "peft pissa"), ("olora", "peft olora"),
    ("lora_xs", "peft lora-xs"),
    ("mora_type6", "peft mora"), ("mlx_lora", "mlx lora"),
    ("torchtune_lora", "torchtune lora"),
    ("gguf_lora", "gguf lora"), ("lora_moe_mixtral", "peft lora"),
    ("lycoris_full/adapter.safetensors", "kohya full"),
    ("lycoris_loha/adapter.safetensors", "kohya loha"),
    ("generate.py", "other no file of tensors"), ("README.md", "other no file of tensors"),
  ])
  func `a fixture is recognised`(name: String, expected: String) throws {
    let found = try recognised(Fixtures.peft.appending(name))
    #expect(found == expected || found.hasPrefix(expected + " "))
  }

  @Test func `whatever opens is recognised as an adapter, and nothing else is`() throws {
    var counts = (adapters: 0, others: 0)
    for name in try Fixtures.peft.entryNames() {
      let path = Fixtures.peft.appending(name)
      let opens = (try? Adapter(opening: path)) != nil
      let found = try recognised(path)
      let formats = ["peft ", "mlx ", "torchtune ", "gguf ", "kohya "]
      #expect(formats.contains(where: found.hasPrefix) == opens, "\(name): \(found)")
      if opens { counts.adapters += 1 } else { counts.others += 1 }
    }
    #expect(counts.adapters > 20 && counts.others > 30)
  }

  @Test func `a folder of checkpoints names them`() throws {
    let found = try AdapterRecognition(of: Self.lab.appending("runs/lora-r8"))
    guard case .other(_, let candidates) = found else {
      Issue.record("\(found)")
      return
    }
    #expect(candidates.map(\.name) == [150, 300, 450, 600].map { "checkpoint-\($0)" })
  }

  @Test func `a model with a receipt is a merged model`() throws {
    let folder = try TemporaryDirectory()
    let model = FilledTensor("a.weight", [2, 2], seed: 1)
    try folder.write(FilledTensor.safetensors([model]), named: "model.safetensors")
    try folder.write(Array("{}".utf8), named: "config.json")
    #expect(try recognised(folder.path) == "checkpoint")
    try folder.write(Array("{}".utf8), named: MergeReceipt.fileName)
    #expect(try recognised(folder.path) == "merged")
  }

  @Test func `weights that are a pointer are said to be one`() throws {
    let folder = try TemporaryDirectory()
    try folder.write(
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n".utf8),
      named: "adapter_model.safetensors")
    #expect(try recognised(folder.path) == "unreadable a Git LFS pointer, not the weights")
    try folder.write(Array(#"{"peft_type": "LORA"}"#.utf8), named: "adapter_config.json")
    #expect(try recognised(folder.path) == "unreadable a Git LFS pointer, not the weights")
    try folder.write(Array("{".utf8), named: "adapter_config.json")
    guard
      case .unreadable(let file, .malformedConfiguration) = try AdapterRecognition(
        of: folder.path)
    else {
      Issue.record("a broken configuration was not said to be one")
      return
    }
    #expect(file.name == "adapter_config.json")
  }

  @Test func `nothing at all is an error`() throws {
    #expect(throws: AdapterError.self) {
      try AdapterRecognition(of: Fixtures.peft.appending("nowhere"))
    }
  }
}

/// Real files, which stay outside the package.
@Suite(.enabled(if: Fixtures.shared != nil)) struct RealRecognitionTests {
  @Test(arguments: [
    ("series/paulohenriquecrs-roberta-pt/roberta-portuguese-peft", "peft lora"),
    ("adapters/arona-tinyllama-r4/tinyllama_lora/checkpoint-180", "peft lora"),
    ("adapters/abrhaley-gpt2-tigrinya", "peft lora"),
    ("series/wyek1n-mlx-qwen2.5-0.5b/adapters", "mlx lora"),
    ("series/wyek1n-mlx-qwen2.5-0.5b/adapters/0000100_adapters.safetensors", "mlx lora"),
    ("adapters/cloneofsimo-sd15/example_loras/lora_disney.safetensors", "foreign sd-numbered"),
    ("adapters/wujindou-bloom-560m-bin", "peft merged-linear"),
    ("odd/peft-ia3-mt0/mt0-large_IA3_SEQ_2_SEQ_LM", "peft ia3"),
    ("odd/lfs-pointer-gliner2", "unreadable a Git LFS pointer, not the weights"),
    ("odd/alpaca-lora-empty/zander-alpaca", "unreadable empty"),
    ("derived/stories260K-hf", "checkpoint"),
    ("adapters/peft-opt125m-bnb4bit/lora_opt-125m_bnb_4bit/0.5.0", "peft lora"),
  ])
  func `a real file is recognised`(name: String, expected: String) throws {
    let found = try recognised(try #require(Fixtures.shared).appending("real").appending(name))
    #expect(found == expected || found.hasPrefix(expected + " "), "\(found)")
  }
}

/// A recognition as one text.
private func recognised(_ path: Path) throws -> String {
  switch try AdapterRecognition(of: path) {
  case .adapter(let format, let method, let base):
    return [format.rawValue, method.rawValue, base].compactMap { $0 }.joined(separator: " ")
  case .foreignAdapter(let layout, _, let base):
    return ["foreign", layout, base].compactMap { $0 }.joined(separator: " ")
  case .checkpoint: return "checkpoint"
  case .mergedModel: return "merged"
  case .unreadable(_, .tensor(.notATensorFile(_, let what))): return "unreadable \(what)"
  case .unreadable(_, .empty): return "unreadable empty"
  case .unreadable(_, let reason): return "unreadable \(reason)"
  case .other(let what, _): return "other \(what)"
  }
}
