import Files
import Tensors
import TestSupport
import Testing

/// A model and an adapter large enough that a merge takes a while.
struct SyntheticModel {
  let base: Path
  let adapter: Path

  /// Eight weights of `rows × 1024` in BF16 and a LoRA of rank 8 on each, under `folder`.
  init(in folder: Path, rows: Int = 4096) throws {
    base = folder.appending("base")
    adapter = folder.appending("adapter")
    for path in [base, adapter] { try path.createDirectories() }
    let names = (0..<8).map { "model.layers.\($0).mlp.up_proj" }
    let weight = FilledTensor("", [64, 1024], .bf16, seed: 1).bytes
    let payload = Array(repeatElement(weight, count: rows / 64).joined())
    try Self.write(
      names.map { FilledTensor("\($0).weight", [rows, 1024], .bf16, bytes: payload) },
      to: base.appending("model.safetensors"))
    let a = FilledTensor("", [8, 1024], .f32, seed: 2).bytes
    let b = FilledTensor("", [rows, 8], .f32, seed: 3).bytes
    try Self.write(
      names.flatMap { name in
        [
          FilledTensor("base_model.model.\(name).lora_A.weight", [8, 1024], .f32, bytes: a),
          FilledTensor("base_model.model.\(name).lora_B.weight", [rows, 8], .f32, bytes: b),
        ]
      }, to: adapter.appending("adapter_model.safetensors"))
    try FileWriter.write(
      Array(#"{"peft_type": "LORA", "r": 8, "lora_alpha": 8, "target_modules": ["up_proj"]}"#.utf8),
      creating: adapter.appending("adapter_config.json"))
  }

  /// Writes tensors to one file.
  static func write(_ tensors: [FilledTensor], to path: Path) throws {
    let entries = try tensors.map { tensor in
      SafetensorsHeader.Entry(
        name: TensorName(tensor.name), dtype: tensor.dtype,
        shape: try #require(Shape(tensor.extents)))
    }
    let header = SafetensorsHeader(entries, metadata: [("format", "pt")])
    let writer = try FileWriter(creating: path)
    try writer.write(header.bytes, at: 0)
    for (tensor, info) in zip(tensors, header.tensors) {
      try writer.write(tensor.bytes, at: info.byteOffset)
    }
  }
}
