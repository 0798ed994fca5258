public import Adapters
internal import Compute
internal import JSON
internal import Tensors

extension LanguageModel {
  /// Loads a model: its configuration, then every tensor it is computed with.
  ///
  /// Throws for an architecture, a configuration or a tensor that is not computed, and for a tensor
  /// that would be left over.
  public init(
    _ model: AdaptedModel, weights: BaseWeights, execution: Execution
  ) throws(EvaluationError) {
    let configuration = try ModelConfiguration(of: model.base)
    var loader = ModelLoader(model, weights: weights, execution: execution)
    let isGPT2 = configuration.family == .gpt2
    let (stem, embedding) = isGPT2 ? ("transformer.", "wte") : ("model.", "embed_tokens")
    let prefix =
      loader.has(TensorName(stem + embedding + ".weight"))
      ? stem
      : loader.has(TensorName(embedding + ".weight")) ? "" : stem
    let words = try loader.matrix(
      TensorName(prefix + embedding + ".weight"), configuration.vocabularySize(of: model),
      configuration.hiddenSize)
    let embedded = Projection(
      weight: words.0, isInputMajor: false, bias: nil, update: words.1)
    self.configuration = configuration
    changedTensorCount = model.changedCount
    form = execution.form
    self.embedding = embedded
    if isGPT2 {
      positions = try loader.matrix(
        TensorName(prefix + "wpe.weight"), configuration.contextLength, configuration.hiddenSize
      ).0
      blocks = try configuration.gpt2Blocks(prefix + "h.", &loader)
      norm = try configuration.norm(prefix + "ln_f", &loader)
    } else {
      positions = nil
      blocks = try configuration.llamaBlocks(prefix + "layers.", &loader)
      norm = try configuration.norm(prefix + "norm", &loader)
    }
    let head: TensorName = "lm_head.weight"
    if model.repeatsTiedHead { loader.pass(head) }
    if loader.has(head) && !model.repeatsTiedHead
      || model.base.tiedHead == nil
        && !model.repeatsTiedHead
    {
      self.head = try loader.projection(
        "lm_head", configuration.vocabularySize(of: model), configuration.hiddenSize)
    } else {
      self.head = embedded
    }
    try loader.finish()
  }
}

extension AdaptedModel {
  /// Whether the files have a head that the configuration ties to the embedding, and the adapters
  /// leave them tied.
  fileprivate var repeatsTiedHead: Bool {
    base.repeatedHead != nil && plan?.editedConfig?["tie_word_embeddings"]?.bool != false
  }
}

extension ModelConfiguration {
  /// The vocabulary, as an adapter that adds tokens has made it.
  fileprivate func vocabularySize(of model: AdaptedModel) -> Int {
    model.plan?.editedConfig?["vocab_size"]?.integer ?? vocabularySize
  }

  fileprivate func norm(
    _ module: String, _ loader: inout ModelLoader
  ) throws(EvaluationError) -> Block.Norm {
    Block.Norm(
      weight: try loader.vector(TensorName(module + ".weight"), hiddenSize),
      bias: family == .gpt2 ? try loader.vector(TensorName(module + ".bias"), hiddenSize) : nil,
      epsilon: Float(epsilon))
  }

  private func attention(_ layer: Int) -> Attention {
    Attention(
      heads: headCount, groups: keyValueHeadCount, size: headSize, window: windows[layer])
  }

  fileprivate func llamaBlocks(
    _ stem: String, _ loader: inout ModelLoader
  ) throws(EvaluationError) -> [Block] {
    var blocks: [Block] = []
    let (queries, keys) = (headCount * headSize, keyValueHeadCount * headSize)
    for layer in 0..<layerCount {
      let path = stem + String(layer)
      let own = path + ".self_attn."
      let inner = path + ".mlp."
      blocks.append(
        Block(
          attentionNorm: try norm(path + ".input_layernorm", &loader),
          inputs: .separate(
            queries: try loader.projection(
              own + "q_proj", queries, hiddenSize, hasBias: hasAttentionBias),
            keys: try loader.projection(
              own + "k_proj", keys, hiddenSize, hasBias: hasAttentionBias),
            values: try loader.projection(
              own + "v_proj", keys, hiddenSize, hasBias: hasAttentionBias)),
          attention: attention(layer),
          output: try loader.projection(
            own + "o_proj", hiddenSize, queries, hasBias: hasOutputBias),
          innerNorm: try norm(path + ".post_attention_layernorm", &loader),
          gate: try loader.projection(
            inner + "gate_proj", innerSize, hiddenSize, hasBias: hasInnerBias),
          up: try loader.projection(
            inner + "up_proj", innerSize, hiddenSize, hasBias: hasInnerBias),
          down: try loader.projection(
            inner + "down_proj", hiddenSize, innerSize, hasBias: hasInnerBias),
          activation: activation))
    }
    return blocks
  }

  fileprivate func gpt2Blocks(
    _ stem: String, _ loader: inout ModelLoader
  ) throws(EvaluationError) -> [Block] {
    var blocks: [Block] = []
    func projection(
      _ module: String, _ rows: Int, _ columns: Int, _ loader: inout ModelLoader
    ) throws(EvaluationError) -> Projection {
      try loader.projection(module, rows, columns, isInputMajor: true, hasBias: true)
    }
    for layer in 0..<layerCount {
      let path = stem + String(layer)
      blocks.append(
        Block(
          attentionNorm: try norm(path + ".ln_1", &loader),
          inputs: .fused(
            try projection(path + ".attn.c_attn", hiddenSize, 3 * hiddenSize, &loader)),
          attention: attention(layer),
          output: try projection(path + ".attn.c_proj", hiddenSize, hiddenSize, &loader),
          innerNorm: try norm(path + ".ln_2", &loader), gate: nil,
          up: try projection(path + ".mlp.c_fc", hiddenSize, innerSize, &loader),
          down: try projection(path + ".mlp.c_proj", innerSize, hiddenSize, &loader),
          activation: activation))
    }
    return blocks
  }
}
