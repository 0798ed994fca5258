/// The names that transformers gives modules in memory and in files, where the two differ.
///
/// Adapters have the names in memory of the version they were trained with. Source: transformers
/// 5.23.0, the conversions applied on loading and undone on saving.
struct RenameTable {
  private let pairs: [(memory: String, file: String)]

  /// The table of a model type; empty for types whose names agree.
  init(modelType: String?) {
    switch modelType {
    case "qwen2_vl", "qwen2_5_vl":
      pairs = [("model.language_model.", "model."), ("model.visual.", "visual.")]
    case "mixtral", "minimax": pairs = [(".mlp.gate", ".block_sparse_moe.gate")]
    case let type? where Self.visionTypes.contains(type):
      pairs = [
        ("model.language_model.", "language_model.model."), ("lm_head", "language_model.lm_head"),
        ("model.vision_tower.", "vision_tower."),
        ("model.vision_tower.", "vision_tower.vision_model."),
        ("model.vision_model.", "vision_model."),
        ("model.multi_modal_projector.", "multi_modal_projector."),
      ]
    default: pairs = []
    }
  }

  /// The other names of a module: as files have it, and as memory has it where the files were saved
  /// under the names in memory.
  func renamed(_ path: String) -> [String] {
    var names: [String] = []
    for pair in pairs {
      for (from, to) in [(pair.memory, pair.file), (pair.file, pair.memory)] {
        if from.hasPrefix(".") {
          if path.hasSuffix(from) { names.append(path.dropLast(from.count) + to) }
        } else if path.hasPrefix(from) {
          names.append(to + path.dropFirst(from.count))
        }
      }
    }
    return names
  }

  private static let visionTypes: Set<String> = [
    "aya_vision", "cohere2_vision", "gemma3", "gemma3n", "got_ocr2", "internvl", "llava",
    "llava_next", "llava_next_video", "llava_onevision", "mistral3", "mllama", "paligemma",
    "video_llava", "vipllava",
  ]
}
