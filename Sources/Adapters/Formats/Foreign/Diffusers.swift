internal import JSON
internal import Tensors

extension ForeignLayout {
  /// diffusers: several models' updates in one file, under `unet.`, `transformer.`, `text_encoder.`.
  static let diffusers = ForeignLayout(
    "diffusers",
    "a diffusers adapter",
    advice: "Load it with diffusers and save each component's adapter with PEFT's save_pretrained."
  ) { clues in
    guard clues.peftType == nil else { return false }
    let components = ["unet.", "transformer.", "text_encoder"]
    return clues.hasName { name in
      name.contains(".lora.down.weight") || name.contains(".lora_linear_layer.down.")
        || name.contains(".processor.") && name.contains("_lora.")
        || components.contains(where: name.hasPrefix)
          && (name.contains(".lora_A.") || name.contains(".lora_B."))
    }
  }
}
