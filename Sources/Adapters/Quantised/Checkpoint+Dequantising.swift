public import Compute
internal import Files
internal import JSON
public import Tensors

extension Checkpoint {
  /// The model with its quantised weights as what they stand for, which is what an adapter was trained
  /// beside: dequantised, and rounded once to the type that training computed with (FORMATS: QLoRA,
  /// LLM.int8, MLX). A model without such weights as it is.
  ///
  /// Weights are computed where they are read, so that nothing of the model's size is kept. Throws
  /// where the tensors of a weight contradict one another.
  public func dequantised(form: KernelForm = .best) throws(AdapterError) -> Checkpoint {
    let quantised = try QuantisedTensors(of: self, form: form)
    guard !quantised.weights.isEmpty else { return self }
    let shards = shards.map { file in
      let contents = DequantisedFile(
        file, weights: quantised.weights, hidden: quantised.hidden, form: form)
      return TensorFile(
        computed: FileReader(computing: contents, from: file.reader), tensors: contents.tensors)
    }
    var config = config
    config?.remove("quantization_config")
    config?.remove("quantization")
    return replacing(shards: shards, config: config)
  }
}
