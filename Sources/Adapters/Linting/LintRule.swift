internal import Files
internal import Tensors

/// What one program refuses or gets wrong: the only place where that is said.
struct LintRule: Sendable {
  let name: String
  let targets: Set<LintTarget>
  let effect: LintEffect
  /// The program's own code or documentation.
  let source: String
  /// What is there, in front of the names.
  let what: String
  /// The command or the advice; `ADAPTER` and `RANK` stand for the adapter and the rank limit.
  let remedy: String
  /// The names of what is there; none where the rule finds nothing.
  let find: @Sendable (LintSubject) -> [String]

  init(
    _ name: String, _ targets: Set<LintTarget>, _ effect: LintEffect, source: String,
    _ what: String, remedy: String, find: @escaping @Sendable (LintSubject) -> [String]
  ) {
    self.name = name
    self.targets = targets
    self.effect = effect
    self.source = source
    self.what = what
    self.remedy = remedy
    self.find = find
  }

  private static let vllmHelper = "vllm/lora/peft_helper.py"
  private static let llamaConverter = "llama.cpp convert_lora_to_gguf.py"
  private static let mlxUtilities = "mlx_lm/tuner/utils.py"
  private static let ollamaImport = "ollama docs/import.md and convert/convert.go"
  private static let mergeFirst =
    "adapterctl merge ADAPTER --base BASE -o OUT, and serve the merged model"

  /// The layout that a program reads.
  private static func layout(
    _ target: LintTarget, _ format: AdapterFormat, source: String, to option: String
  ) -> LintRule {
    LintRule(
      "layout", [target], .refused, source: source, "the adapter is in another layout:",
      remedy: "adapterctl convert ADAPTER --to \(option) -o OUT"
    ) { $0.adapter.format == format ? [] : [$0.adapter.format.rawValue] }
  }

  /// All rules, in the order in which findings are shown.
  static let all: [LintRule] = [
    layout(.vllm, .peft, source: vllmHelper, to: "peft"),
    layout(.peft, .peft, source: "peft/config.py", to: "peft"),
    layout(.mlx, .mlx, source: mlxUtilities, to: "mlx"),
    layout(
      .llamaCPP, .gguf, source: "llama.cpp src/llama-adapter.cpp", to: "gguf --base BASE"),
    LintRule(
      "layout", [.ollama], .refused, source: ollamaImport,
      "the adapter is in a layout that is not imported:",
      remedy: "adapterctl convert ADAPTER --to gguf --base BASE -o OUT"
    ) { [.peft, .gguf].contains($0.adapter.format) ? [] : [$0.adapter.format.rawValue] },
    LintRule(
      "layout", [.diffusers], .refused, source: "diffusers/loaders/lora_pipeline.py",
      "the adapter is in another layout:",
      remedy: "adapterctl convert ADAPTER --to diffusers -o OUT"
    ) { [.diffusers, .kohya].contains($0.adapter.format) ? [] : [$0.adapter.format.rawValue] },
    LintRule(
      "rank", [.vllm], .refused, source: "\(vllmHelper), max_lora_rank",
      "ranks are above max_lora_rank (RANK):",
      remedy: "adapterctl truncate ADAPTER --rank RANK -o OUT, or start vLLM with --max-lora-rank"
    ) { $0.tooDeep },
    LintRule(
      "dora", [.vllm, .llamaCPP, .ollama], .refused,
      source: "\(vllmHelper) (use_dora); \(llamaConverter)", "modules have DoRA's magnitudes:",
      remedy: mergeFirst
    ) { $0.dora },
    LintRule(
      "whole-tensors", [.vllm, .llamaCPP, .ollama], .refused,
      source: "\(vllmHelper) (modules_to_save); \(llamaConverter)",
      "tensors are given whole (modules_to_save):", remedy: mergeFirst
    ) { $0.whole },
    LintRule(
      "whole-tensors", [.mlx, .diffusers], .wrong,
      source: "\(mlxUtilities) (load_weights, strict=False)",
      "tensors are given whole, which are left out:", remedy: mergeFirst
    ) { $0.adapter.method == .full ? [] : $0.whole },
    LintRule(
      "rows", [.vllm, .llamaCPP, .ollama, .mlx, .diffusers], .refused,
      source: "\(vllmHelper); \(llamaConverter)", "rows of an embedding are replaced:",
      remedy: mergeFirst
    ) { $0.rows },
    LintRule(
      "bias", [.vllm, .llamaCPP, .ollama, .mlx], .refused,
      source: "\(vllmHelper) (bias); \(llamaConverter)", "biases are trained:", remedy: mergeFirst
    ) { $0.biases },
    LintRule(
      "patterns", [.vllm], .wrong, source: "\(vllmHelper) (vllm_lora_scaling_factor)",
      "scales are not lora_alpha / r, which is used for all modules:",
      remedy: "adapterctl convert ADAPTER --to peft --bake-scale -o OUT, with one rank "
        + "(adapterctl truncate --pad-rank)"
    ) {
      // It knows rsLoRA, and patterns not at all.
      $0.adapter.method == .rslora && $0.scales.count == 1 ? [] : $0.misScaled
    },
    LintRule(
      "scale", [.llamaCPP, .ollama], .wrong, source: "\(llamaConverter) (lora_alpha)",
      "scales are not lora_alpha / rank, as rsLoRA's and alpha patterns' are:",
      remedy: "adapterctl convert ADAPTER --to gguf --base BASE -o OUT"
    ) { $0.adapter.format == .peft ? $0.misScaledByTensor : [] },
    LintRule(
      "embedding", [.llamaCPP, .ollama], .refused, source: llamaConverter,
      "embeddings or the head are adapted, which the converter refuses:",
      remedy: "adapterctl convert ADAPTER --to gguf --base BASE -o OUT"
    ) { $0.adapter.format == .peft ? $0.embeddings : [] },
    LintRule(
      "ranks", [.mlx], .refused, source: "\(mlxUtilities) (linear_to_lora_layers)",
      "modules have several ranks:", remedy: "adapterctl convert ADAPTER --to mlx -o OUT"
    ) { $0.ranks.count < 2 ? [] : $0.ranks.sorted().map(String.init) },
    LintRule(
      "convolution", [.vllm, .llamaCPP, .ollama, .mlx], .refused,
      source: "vllm/lora/layers; mlx_lm/tuner/lora.py", "convolutions are adapted:",
      remedy: mergeFirst
    ) { $0.convolutions },
    LintRule(
      "method", [.vllm, .llamaCPP, .ollama, .mlx, .diffusers], .refused,
      source: "vllm/lora; \(llamaConverter); diffusers/loaders",
      "updates are no product of two stored factors:",
      remedy: "adapterctl convert ADAPTER --to peft -o OUT, or \(mergeFirst)"
    ) { $0.otherForms },
    LintRule(
      "read-as-lora", [.peft], .wrong,
      source: "peft/utils/save_and_load.py (set_peft_model_state_dict)",
      "what is no plain LoRA is loaded as one, in part:",
      remedy: "adapterctl convert ADAPTER --to peft --base BASE -o OUT"
    ) {
      [.loraXS, .mora, .mergedLinear].contains($0.adapter.method)
        ? [$0.adapter.method.rawValue] : []
    },
    LintRule(
      "initialisation", [.vllm, .llamaCPP, .ollama], .wrong,
      source: "peft/tuners/lora/layer.py (pissa_init, olora_init); \(vllmHelper)",
      "the base must first lose what its initialisation took out, which is not done:",
      remedy: "adapterctl convert ADAPTER --to peft -o OUT, whose rank is the double"
    ) { $0.changesBase ? [$0.adapter.method.rawValue] : [] },
    LintRule(
      "dtype", [.llamaCPP, .ollama], .refused, source: "llama.cpp src/llama-adapter.cpp",
      "factors are stored as:",
      remedy: "adapterctl convert ADAPTER --to gguf --dtype f32 --base BASE -o OUT"
    ) { subject in
      Set(subject.factors.flatMap { $0.factors.tensors.map(\.dtype) })
        .subtracting([.f32, .f16, .bf16]).map(\.rawValue).sorted()
    },
    LintRule(
      "empty", Set(LintTarget.allCases), .wrong, source: "arXiv 2106.09685",
      "there is no low-rank update at all:", remedy: "check that this is the trained adapter"
    ) { $0.adapter.updates.isEmpty ? [$0.adapter.path.text] : [] },
  ]
}
