internal import Evaluation
internal import Files
internal import Tensors

extension Failure {
  /// Why a model cannot be judged.
  init(_ error: EvaluationError) {
    switch error {
    case .file(let error): self.init(error)
    case .adapter(let error): self.init(error)
    case .malformedDocument(let path, let error, let line, let column):
      self.init(
        .usage, "malformed_document",
        "\(path), line \(line), column \(column): \(Self.sentence(error)).")
    case .malformedSuite(let path, let place, let rule):
      self.init(.usage, "suite", "The suite \(path): \(place) \(rule).")
    case .malformedData(let path, let line, let rule):
      self.init(
        .usage, "data", line > 0 ? "\(path): line \(line) \(rule)." : "\(path) \(rule).")
    case .noConfiguration(let path):
      self.init(
        .unmatched, "no_configuration", "\(path) has no config.json, which says how it is computed."
      )
    case .unsupportedArchitecture(let path, let name):
      self.init(
        .unmatched, "architecture", "\(path) is \(name), which is not computed here.",
        hint: "LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM and GPT2LMHeadModel are")
    case .unsupportedConfiguration(let path, let problems):
      self.init(
        .unmatched, "model_configuration",
        "The configuration of \(path) asks for what is not computed here: "
          + "\(problems.joined(separator: "; ")).")
    case .missingTensors(let path, let names):
      self.init(
        .unmatched, "missing_tensors",
        "\(path) lacks \(Self.some(names)), which its configuration asks for.")
    case .unusedTensors(let path, let names):
      self.init(
        .unmatched, "unused_tensors",
        "\(path) has \(Self.some(names)), for which its architecture has no place.")
    case .misshapen(let path, let name, let shape, let expected):
      self.init(
        .unmatched, "misshapen",
        "\(name) of \(path) has the shape \(shape), but its configuration asks for \(expected).")
    default: self.init(tokens: error)
    }
  }

  /// What is wrong with tokens and with what comes of them.
  private init(tokens error: EvaluationError) {
    switch error {
    case .noTokenizer(let path):
      self.init(
        .unmatched, "no_tokenizer", "\(path) has no tokenizer.json.",
        hint: "save it there with the tokenizer's save_pretrained")
    case .unsupportedTokenizer(let path, let place, let what):
      self.init(
        .unmatched, "tokenizer", "\(path): \(place) is \(what), which is not understood here.")
    case .notEncodable(let rule): self.init(.usage, "not_encodable", "A text \(rule).")
    case .doubledBeginning(let token, let task):
      self.init(
        .usage, "doubled_beginning",
        "A text of \(task) begins with \(token), and the tokenizer puts another one in front.",
        hint: "set \"begin\": false in the task")
    case .tokenOutside(let id, let vocabulary):
      self.init(
        .unmatched, "token_outside",
        "The tokenizer gives the token \(id), but the model knows \(vocabulary) only.")
    case .notFinite(let target, let task, let document):
      self.init(
        .evaluation, "not_finite",
        "\(target) gives NaN or infinite logits for document \(document + 1) of \(task).",
        hint: "adapterctl inspect --check-values looks for such values in an adapter")
    case .withoutEffect(let target):
      self.init(
        .unmatched, "without_effect", "\(target) changes no score at all.",
        hint: "it is untrained, its weight is 0, or it changes tokens that the suite lacks")
    case .interrupted:
      self.init(.interrupted, "interrupted", "Interrupted; nothing was left behind.")
    default: self.init(.bug, "evaluation", "An evaluation failed for a reason without a name.")
    }
  }

  private static func some(_ names: [TensorName]) -> String {
    let shown = names.prefix(3).map(\.text).joined(separator: ", ")
    return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
  }
}
