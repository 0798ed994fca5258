import Tensors
import Testing

@testable import Adapters

@Suite struct TiedHeadTests {
  let folder: MadeFolder

  init() throws { folder = try MadeFolder() }

  @Test(arguments: [
    (#"{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}"#, "wte", "lm_head"),
    (#"{"model_type": "gpt2"}"#, "transformer.wte", "lm_head"),
    (#"{"model_type": "gpt2", "tie_word_embeddings": false}"#, "transformer.wte", nil),
    (#"{"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"]}"#, "wte", nil),
    (#"{"model_type": "llama", "tie_word_embeddings": true}"#, "model.embed_tokens", "lm_head"),
    (#"{"model_type": "llama"}"#, "model.embed_tokens", nil),
    (#"{"model_type": "gemma2"}"#, "model.embed_tokens", "lm_head"),
    (
      #"{"model_type": "gemma3", "text_config": {"tie_word_embeddings": true}}"#,
      "language_model.model.embed_tokens", "language_model.lm_head"
    ),
    (
      #"{"model_type": "llava", "text_config": {"model_type": "llama"}}"#,
      "language_model.model.embed_tokens", nil
    ),
    (
      #"{"model_type": "whisper", "architectures": ["WhisperForConditionalGeneration"]}"#,
      "model.decoder.embed_tokens", "proj_out"
    ),
    (
      #"{"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]}"#, "shared", "lm_head"
    ),
    (
      #"{"model_type": "bert", "architectures": ["BertForMaskedLM"]}"#,
      "bert.embeddings.word_embeddings", "cls.predictions.decoder"
    ),
    (
      #"{"model_type": "bert", "architectures": ["BertModel"]}"#,
      "embeddings.word_embeddings", nil
    ),
  ])
  func `a head shares its tensor where model and configuration say so`(
    config: String,
    embedding: String,
    head: String?
  ) throws {
    let base = try folder.base(config, [MadeTensor(embedding + ".weight", [9, 4])])
    #expect(base.tiedHead?.head.text == head.map { $0 + ".weight" })
    #expect(base.tiedHead.map(\.embedding.text) == head.map { _ in embedding + ".weight" })
  }

  @Test func `a base with a head of its own ties nothing`() throws {
    let base = try folder.base(
      #"{"model_type": "gpt2"}"#,
      [MadeTensor("wte.weight", [9, 4]), MadeTensor("lm_head.weight", [9, 4])]
    )
    #expect(base.tiedHead == nil)
  }

  @Test func `an update of a tied head is bound to the name it will have`() throws {
    let base = try folder.base(
      #"{"model_type": "gpt2"}"#,
      [MadeTensor("transformer.wte.weight", [9, 4])]
    )
    let adapter = try folder.adapter(
      #""fan_in_fan_out": true"#,
      MadeTensor.pair("lm_head", out: 9, in: 4)
    )
    let binding = try #require(try adapter.bound(to: base).bindings.first)
    #expect(binding.tensor == "lm_head.weight")
    #expect(binding.kind == .tiedHead(embedding: "transformer.wte.weight"))
    #expect(!binding.isTransposed)
  }

  @Test func `without tying, an update of an absent head is unmatched`() throws {
    let base = try folder.base([MadeTensor("model.embed_tokens.weight", [9, 4])])
    let adapter = try folder.adapter("", MadeTensor.pair("lm_head", out: 9, in: 4))
    #expect(throws: AdapterError.self) { try adapter.bound(to: base) }
  }
}
