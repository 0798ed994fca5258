internal import Tensors

extension ForeignLayout {
  /// cloneofsimo/lora: `unet:0:up`, modules known by their position alone.
  static let stableDiffusionPairs = ForeignLayout(
    "sd-numbered",
    "a Stable Diffusion LoRA whose modules are numbered (unet:0:up)",
    advice: numberedAdvice
  ) { clues in
    clues.hasName { name in
      (name.hasPrefix("unet:") || name.hasPrefix("text_encoder:"))
        && (name.hasSuffix(":up") || name.hasSuffix(":down"))
    }
  }

  /// The same in its older form: a bare list of tensors, up and down in turn.
  static let stableDiffusionList = ForeignLayout(
    "sd-list",
    "a Stable Diffusion LoRA that is a list of tensors without names",
    advice: numberedAdvice
  ) { clues in
    !clues.tensors.isEmpty && clues.tensors.allSatisfy { Int($0.name.text) != nil }
  }

  /// Vectors for new words of a text encoder.
  static let textualInversion = ForeignLayout(
    "textual-inversion",
    "a textual inversion: vectors for new words and no change of a weight",
    advice: "Load it with diffusers (load_textual_inversion); there is nothing in it to merge."
  ) { clues in
    let names = ["string_to_param.*", "string_to_token.*", "emb_params", "clip_l", "clip_g"]
    return !clues.tensors.isEmpty && clues.tensors.count <= 8
      && clues.tensors.allSatisfy { tensor in
        let name = tensor.name.text
        return tensor.shape.rank <= 2
          && (names.contains(name) || name.hasPrefix("<") && name.hasSuffix(">"))
      }
  }

  private static let numberedAdvice =
    "Merge it with the tools of github.com/cloneofsimo/lora."
}
