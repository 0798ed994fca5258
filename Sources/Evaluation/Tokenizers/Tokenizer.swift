public import Digests

/// A text as the tokens of a model.
public struct TokenizedText: Hashable, Sendable {
  /// The tokens.
  public var ids: [Int]
  /// Where each token begins, in bytes of the text's UTF-8; a token that stands for no byte of the
  /// text, as one put in front of it, begins where the next one does.
  public var starts: [Int]
}

/// Turns texts into the tokens of a model.
///
/// Only the components of EVALUATE §6.2 that are needed by byte-level and metaspace BPE are
/// understood; a tokenizer with any other is refused when it is opened.
public struct Tokenizer: Sendable {
  /// The digest of the file it was read from.
  public let digest: Digest
  /// The tokens that stand in front of every text (BOS), by the tokenizer's own template.
  public let beginning: [Int]
  /// The tokens that the template puts behind a text.
  public let ending: [Int]
  let added: AddedTokens
  let normalizer: Normalizer
  let splitter: Splitter
  let model: BytePairModel
  /// The texts of tokens, by number.
  let texts: [Int: String]

  /// The text of a token as the vocabulary has it.
  public func text(of id: Int) -> String? { texts[id] }

  /// The number of a special token by its text.
  public func id(of text: String) -> Int? { added.special[text] }

  /// The tokens of a text, without those the template adds.
  ///
  /// Throws where the text has characters that would have to be normalised, and where the model has
  /// no token for a character and none for unknown ones.
  public func encode(_ text: String) throws(EvaluationError) -> TokenizedText {
    var result = TokenizedText(ids: [], starts: [])
    for part in added.split(Array(text.utf8)) {
      switch part {
      case .token(let id, let start):
        result.ids.append(id)
        result.starts.append(start)
      case .text(let range, let isFirst):
        let bytes = Array(text.utf8)[range]
        let normal = try normalizer.normalized(
          String(decoding: bytes, as: UTF8.self), from: range.lowerBound, isFirst: isFirst)
        for piece in splitter.pieces(of: normal) {
          try model.encode(normal, piece, into: &result)
        }
      }
    }
    return result
  }
}

/// A text after normalisation: its scalars, and where each comes from.
struct NormalText {
  var scalars: [Unicode.Scalar] = []
  /// The byte of the original text that each scalar comes from.
  var starts: [Int] = []

  mutating func append(_ scalar: Unicode.Scalar, from start: Int) {
    scalars.append(scalar)
    starts.append(start)
  }
}
