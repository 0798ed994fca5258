internal import Files

extension ForeignLayout {
  /// llama.cpp's container; adapters in it have permuted rows and the base's GGUF names.
  static let gguf = ForeignLayout(
    "gguf",
    "a GGUF file",
    advice: "Use the PEFT adapter that it was converted from (llama.cpp's "
      + "convert_lora_to_gguf.py keeps it unchanged)."
  ) { clues in
    guard let reader = try? FileReader(clues.weights), reader.byteCount >= 4 else { return false }
    return (try? reader.bytes(at: 0, count: 4)) == Array("GGUF".utf8)
  }
}
