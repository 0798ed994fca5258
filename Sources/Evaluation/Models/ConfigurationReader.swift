internal import JSON

/// Reads the members of a `config.json` one by one, and remembers which of them nobody asked for.
struct ConfigurationReader {
  private let document: JSONValue
  private var read: Set<String> = []
  private var problems: [String] = []

  init(_ document: JSONValue) { self.document = document }

  /// Members that say nothing about the mathematics of a forward pass.
  private static let inert: Set<String> = [
    "architectures", "model_type", "transformers_version", "torch_dtype", "dtype", "_name_or_path",
    "use_cache", "initializer_range", "attention_dropout", "attn_pdrop", "embd_pdrop",
    "resid_pdrop", "bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id",
    "pretraining_tp", "tie_word_embeddings", "task_specific_params", "summary_activation",
    "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj",
    "output_attentions", "output_hidden_states", "return_dict", "torchscript",
    "gradient_checkpointing", "id2label", "label2id", "num_labels", "finetuning_task", "n_ctx",
    "max_window_layers", "_attn_implementation", "_attn_implementation_autoset", "do_sample",
    "temperature", "top_p", "top_k", "max_length", "min_length", "repetition_penalty", "num_beams",
    "is_decoder", "unsloth_fixed", "unsloth_version", "model_name", "problem_type", "prefix",
    "reorder_and_upcast_attn", "chunk_size_feed_forward", "tokenizer_class",
  ]

  /// Members that are inert as long as they are false.
  private static let inertWhenFalse: Set<String> = [
    "is_encoder_decoder", "add_cross_attention", "rope_interleaved", "use_qk_norm", "use_mrope",
  ]

  /// A member; absent and `null` are the same.
  mutating func value(_ key: String) -> JSONValue? {
    read.insert(key)
    guard let value = document[key], !value.isNull else { return nil }
    return value
  }

  /// Whether the document has a member at all, `null` included.
  func has(_ key: String) -> Bool { document[key] != nil }

  /// A positive integer under the first of the keys that is there, or `fallback`.
  mutating func count(_ keys: String..., fallback: Int? = nil, limit: Int = 1 << 24) -> Int {
    for key in keys {
      guard let value = value(key) else { continue }
      guard let count = value.integer, count > 0, count <= limit else {
        problems.append("\(key) is not a positive integer")
        return 1
      }
      return count
    }
    if let fallback { return fallback }
    problems.append("\(keys[0]) is missing")
    return 1
  }

  /// A finite positive number, or `fallback`.
  mutating func number(_ key: String, fallback: Double) -> Double {
    guard let value = value(key) else { return fallback }
    guard let number = value.number, number.isFinite, number > 0 else {
      problems.append("\(key) is not a positive number")
      return fallback
    }
    return number
  }

  /// A truth value, or `fallback`.
  mutating func flag(_ key: String, fallback: Bool) -> Bool {
    guard let value = value(key) else { return fallback }
    guard let flag = value.bool else {
      problems.append("\(key) is neither true nor false")
      return fallback
    }
    return flag
  }

  /// Says that the configuration asks for something that is not computed; `problem` begins with
  /// the member's name.
  mutating func refuse(_ problem: String) { problems.append(problem) }

  /// What is wrong, sorted: what was refused, and every member with a value that nobody read.
  func finish() -> [String] {
    let unknown = (document.members ?? []).filter {
      !read.contains($0.key) && !Self.inert.contains($0.key) && !$0.value.isNull
        && !(Self.inertWhenFalse.contains($0.key) && $0.value.bool == false)
    }
    return (problems + unknown.map { "\($0.key) is unknown" }).sorted()
  }
}
