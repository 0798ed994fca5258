/// The path of a module whose dots have become underscores, as kohya's and LyCORIS' files have it,
/// without the prefix that says which model it is in.
struct FlatName: Hashable {
  /// The path with underscores.
  let text: String

  /// What stands before the paths, the longest first where one begins another.
  static let prefixes = [
    "lora_unet_", "lora_te1_", "lora_te2_", "lora_te_", "lora_transformer_", "lora_prior_",
    "lycoris_", "oft_unet_", "lora_te3_",
  ]

  /// Takes the prefix off a name; nil where it has none of those known.
  init?(_ name: String) {
    guard let prefix = Self.prefixes.first(where: name.hasPrefix) else { return nil }
    text = String(name.dropFirst(prefix.count))
    guard !text.isEmpty, !text.contains(".") else { return nil }
  }

  /// The path of a module, flattened.
  init(flattening path: some StringProtocol) {
    text = String(path.map { $0 == "." ? "_" : $0 })
  }
}
