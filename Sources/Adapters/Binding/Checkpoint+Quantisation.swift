internal import JSON
internal import Tensors

extension Checkpoint {
  /// What the base's weights are quantised by, as users call it; nil for plain weights.
  ///
  /// Told by the tensors alone: a configuration may speak of quantisation that the weights beside
  /// it do not have.
  var quantisation: String? {
    for shard in shards {
      for tensor in shard.tensors {
        let name = tensor.name.text
        if name.contains(".quant_state.bitsandbytes__") { return "bitsandbytes (4 bits)" }
        if name.hasSuffix(".SCB") { return "bitsandbytes (8 bits)" }
        if name.hasSuffix(".qweight") {
          let method = config?["quantization_config"]?["quant_method"]?.string
          return method.map { $0.uppercased() } ?? "GPTQ or AWQ"
        }
        if name.hasSuffix(".weight_packed") { return "compressed-tensors" }
      }
    }
    return nil
  }
}
