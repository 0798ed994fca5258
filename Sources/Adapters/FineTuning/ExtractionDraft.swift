internal import JSON
internal import Tensors

/// The adapter that an extraction becomes: PEFT's LoRA, scaling 1 everywhere, so that alpha is the
/// rank; modules that are brought whole under `modules_to_save`.
struct ExtractionDraft {
  private let plan: ExtractionPlan
  private let found: [(unit: ExtractionUnit, change: FoundChange)]
  private let naming: ModuleNaming

  /// A draft of what was found, unit by unit.
  init(_ plan: ExtractionPlan, _ found: [FoundChange]) {
    self.plan = plan
    self.found = Array(zip(plan.units, found))
    naming = ModuleNaming(plan.fineTune.base)
  }

  /// The adapter as the writer takes it.
  var adapter: AdapterDraft {
    AdapterDraft(
      modules: found.compactMap { unit, change in
        guard let factors = change.factors, factors.report.rank > 0 else { return nil }
        return ModuleDraft(naming.named(unit.module), a: factors.a, b: factors.b, scaling: 1)
      },
      carried: found.flatMap { unit, change in
        (change.isWhole ? unit.wholeTensors : [change.bias?.tuned].compactMap { $0 })
          .map { tensor in
            let target = TunedTensor.target(of: tensor.name)
            return WeightUpdate(
              target: TargetParameter(naming.named(target.module), target.parameter),
              change: .replacement(tensor))
          }
      },
      template: template, declaredBase: plan.options.baseName,
      isFanInFanOut: found.contains { unit, change in
        unit.matrix?.isTurned == true && (change.factors?.report.rank ?? 0) > 0
      },
      sources: [plan.fineTune.tuned.path, plan.fineTune.base.path])
  }

  /// PEFT's settings, but for those of ranks and targets.
  private var template: JSONValue {
    let whole = found.filter(\.change.isWhole).map { naming.named($0.unit.module).path }
    return [
      "peft_type": "LORA", "task_type": taskType.map { .string($0) } ?? .null,
      "base_model_name_or_path": .null, "r": 1, "lora_alpha": 1, "lora_dropout": 0,
      "target_modules": [],
      "bias": .string(found.contains { $0.change.bias != nil } ? "all" : "none"),
      "modules_to_save": whole.isEmpty ? .null : .array(whole.map { .string($0) }),
      "ensure_weight_tying": .bool(tiesWholeEmbedding), "fan_in_fan_out": false,
      "use_rslora": false, "use_dora": false, "rank_pattern": [:], "alpha_pattern": [:],
      "init_lora_weights": true, "inference_mode": true,
    ]
  }

  /// Whether the embedding is brought whole and the head follows it.
  private var tiesWholeEmbedding: Bool {
    guard let tied = plan.fineTune.tuned.tiedHead else { return false }
    return found.contains { unit, change in
      change.isWhole && unit.wholeTensors.contains { $0.name == tied.embedding }
    }
  }

  private var taskType: String? {
    let types = [
      ("ForCausalLM", "CAUSAL_LM"), ("LMHeadModel", "CAUSAL_LM"),
      ("ForSequenceClassification", "SEQ_CLS"), ("ForTokenClassification", "TOKEN_CLS"),
      ("ForQuestionAnswering", "QUESTION_ANS"), ("ForConditionalGeneration", "SEQ_2_SEQ_LM"),
    ]
    let names = plan.fineTune.tuned.architectures
    return types.first { type in names.contains { $0.hasSuffix(type.0) } }?.1
  }
}

/// The names that transformers gives the modules of a file in memory, which adapters have.
struct ModuleNaming {
  /// What stands before the names of a file that was saved without its model's head.
  private let prefix: String

  init(_ base: Checkpoint) {
    let hasHead = base.architectures.contains { name in
      ["LMHeadModel", "ForCausalLM", "DoubleHeadsModel"].contains { name.hasSuffix($0) }
    }
    let isWithoutPrefix = !base.names.contains { $0.text.hasPrefix("transformer.") }
    let types = ["gpt2", "openai-gpt", "bloom", "falcon"]
    prefix =
      hasHead && isWithoutPrefix && types.contains(base.config?["model_type"]?.string ?? "")
      ? "transformer." : ""
  }

  /// The module as it is in memory.
  func named(_ module: TargetModule) -> TargetModule {
    prefix.isEmpty || module.path.hasPrefix("lm_head")
      ? module : TargetModule(prefix + module.path)
  }
}

extension Checkpoint {
  /// `architectures` of `config.json`; empty where it names none.
  var architectures: [String] {
    (config?["architectures"]?.elements ?? []).compactMap(\.string)
  }
}
