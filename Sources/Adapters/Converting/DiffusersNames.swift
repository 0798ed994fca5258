/// The names of the models of a diffusion pipeline in diffusers and in kohya's files.
enum DiffusersNames {
  /// kohya's prefix and diffusers' component.
  private static let prefixes = [
    ("lora_unet_", "unet"), ("lora_te1_", "text_encoder"), ("lora_te2_", "text_encoder_2"),
    ("lora_te3_", "text_encoder_3"), ("lora_te_", "text_encoder"),
    ("lora_transformer_", "transformer"),
  ]
  /// What the paths of modules begin with in a component, for names that do not say theirs.
  private static let beginnings = [
    (
      "unet",
      ["down_blocks.", "up_blocks.", "mid_block.", "time_embedding.", "conv_in", "conv_out"]
    ),
    ("text_encoder", ["text_model."]),
    ("transformer", ["transformer_blocks.", "single_transformer_blocks."]),
  ]

  /// The component that a dotted path names; nil where it names none.
  static func component(of path: String) -> Substring? { DiffusersReader.component(of: path) }

  /// The component that kohya's prefix stands for; nil for a prefix that says none.
  static func component(ofFlat name: String) -> String? {
    prefixes.first { name.hasPrefix($0.0) }?.1
  }

  /// A path with its component in front; nil where it belongs to none.
  static func diffusers(_ path: String) -> String? {
    if component(of: path) != nil { return path }
    let found = beginnings.first { $0.1.contains(where: path.hasPrefix) }
    return found.map { "\($0.0).\(path)" }
  }

  /// A path as kohya's name; a module of no pipeline gets LyCORIS' own prefix.
  static func kohya(_ path: String, hasSecondEncoder: Bool) -> String {
    guard let whole = diffusers(path), let component = component(of: whole) else {
      return "lycoris_" + FlatName(flattening: path).text
    }
    let prefix =
      component == "text_encoder"
      ? (hasSecondEncoder ? "lora_te1_" : "lora_te_")
      : prefixes.first { $0.1 == component }?.0 ?? "lycoris_"
    return prefix + FlatName(flattening: whole.dropFirst(component.count + 1)).text
  }
}
