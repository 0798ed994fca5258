internal import Tensors

extension ForeignLayout {
  /// kohya's sd-scripts and LyCORIS: module paths joined with underscores, an alpha per module.
  static let kohya = ForeignLayout(
    "kohya",
    "a kohya or LyCORIS adapter",
    advice: "Convert it to PEFT's layout with diffusers (load_lora_weights, then save_pretrained)."
  ) { clues in
    let prefixes = ["lora_unet_", "lora_te", "lycoris_", "lora_transformer_", "oft_unet_"]
    let markers = [
      "lora_up.weight", "lora_down.weight", ".hada_", ".lokr_", ".diff", ".diff_b", ".w_norm",
      ".b_norm", ".a1.weight", ".oft_blocks", ".on_input", ".alpha", ".dora_scale",
    ]
    return clues.hasName { name in
      prefixes.contains(where: name.hasPrefix) && markers.contains(where: name.contains)
    }
  }
}
