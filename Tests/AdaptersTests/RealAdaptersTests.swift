import Files
import Testing

@testable import Adapters

/// Adapters that others trained; they stay outside the package.
@Suite(.enabled(if: Fixtures.shared != nil)) struct RealAdaptersTests {
  @Test(arguments: [
    ("series/paulohenriquecrs-roberta-pt/roberta-portuguese-peft", "opened with 28 updates"),
    ("series/paulohenriquecrs-roberta-pt/results/checkpoint-500", "opened with 28 updates"),
    ("series/paulohenriquecrs-roberta-pt/results", "checkpoint-500"),
    ("series/aguleon-roberta-agnews/results/checkpoint-1200", "opened with"),
    ("adapters/arona-tinyllama-r4/tinyllama_lora/checkpoint-180", "opened with 44 updates"),
    ("adapters/arona-tinyllama-r4", "checkpoint-75"),
    ("adapters/bk7195-open-calm-1b-r1/adapter", "opened with 24 updates"),
    ("adapters/abrhaley-gpt2-tigrinya", "opened with 36 updates"),
    ("series/wyek1n-mlx-qwen2.5-0.5b/adapters", "opened with 8 updates"),
    (
      "series/wyek1n-mlx-qwen2.5-0.5b/adapters/0000100_adapters.safetensors",
      "opened with 8 updates"
    ),
    ("adapters/cloneofsimo-sd15/example_loras/lora_disney.safetensors", "Stable Diffusion"),
    ("adapters/cloneofsimo-sd15/example_loras/analog_svd_rank4.safetensors", "Stable Diffusion"),
    ("adapters/wujindou-bloom-560m-bin", "opened with 24 updates"),
    ("odd/peft-ia3-mt0/mt0-large_IA3_SEQ_2_SEQ_LM", "opened with"),
    ("odd/lfs-pointer-gliner2", "a Git LFS pointer"),
    ("derived/stories260K-hf", "a full model"),
    ("derived/stories260K-hf/model.safetensors", "a full model"),
  ])
  func `a real adapter opens or is refused by name`(name: String, outcome: String) throws {
    let found = refusal { try Adapter(opening: try real(name)) }
    #expect(found.contains(outcome), "\(found)")
  }

  @Test(
    arguments: [
      ("adapters/peft-opt125m-bnb4bit/lora_opt-125m_bnb_4bit/0.5.0", "opened with 24 updates"),
      ("adapters/cloneofsimo-sd15-pt/contents/lora_illust.pt", "a list of tensors"),
      ("adapters/cloneofsimo-sd15-pt/lora_kiriko2.text_encoder.pt", "a list of tensors"),
      ("adapters/cloneofsimo-sd15-pt/lora_kiriko2.ti.pt", "textual inversion"),
      ("odd/alpaca-lora-empty/zander-alpaca", "empty"),
    ]
  )
  func `a real PyTorch file opens or is refused by name`(name: String, outcome: String) throws {
    let found = refusal { try Adapter(opening: try real(name)) }
    #expect(found.contains(outcome), "\(found)")
  }

  @Test(arguments: ["adapters", "series", "odd"])
  func `every real file opens or is refused by name`(part: String) throws {
    for file in try weights(below: try real(part)) {
      let found = refusal { try Adapter(opening: file) }
      let isNamed = ["opened", "unsupported", "empty", "not a tensor file: a Git LFS"].contains {
        found.hasPrefix($0)
      }
      #expect(isNamed, "\(file): \(found)")
    }
  }

  private func weights(below folder: Path) throws -> [Path] {
    var files: [Path] = []
    for name in try folder.entryNames() {
      let path = folder.appending(name)
      if path.isDirectory { files += try weights(below: path) }
      if [".safetensors", ".bin", ".pt"].contains(where: name.hasSuffix) { files.append(path) }
    }
    return files
  }

  private func real(_ name: String) throws -> Path {
    try #require(Fixtures.shared).appending("real").appending(name)
  }
}
