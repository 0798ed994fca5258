internal import JSON
public import Tensors

/// The tokens at the two ends of a text, settled once and kept in the result.
public struct SpecialTokens: Hashable, Sendable {
  /// What the tokenizer's template puts in front of every text.
  public let template: [Int]
  /// What a text is scored behind where the template puts nothing in front: the model's
  /// `bos_token_id`.
  public let fallback: Int?
  /// The end of text.
  public let end: Int?

  /// Those of a tokenizer and of the model that it belongs to.
  public init(_ tokenizer: Tokenizer, model: Checkpoint) {
    func id(_ key: String) -> Int? {
      let value = model.config?[key]
      return value?.integer ?? value?.elements?.first?.integer
    }
    template = tokenizer.beginning
    fallback = id("bos_token_id").flatMap { tokenizer.text(of: $0) == nil ? nil : $0 }
    end = id("eos_token_id").flatMap { tokenizer.text(of: $0) == nil ? nil : $0 }
  }

  /// What stands in front of a document: the template's tokens, or, for a text of which every token
  /// is scored, the model's own beginning of text.
  func beginning(isText: Bool) -> [Int] {
    if !template.isEmpty || !isText { return template }
    return fallback.map { [$0] } ?? []
  }
}
