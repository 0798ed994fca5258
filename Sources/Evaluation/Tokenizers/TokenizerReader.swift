internal import Files
internal import JSON

/// Turns the components of a `tokenizer.json` into ours, and refuses those it does not know.
struct TokenizerReader {
  let file: Path
  let document: TokenizerDocument

  func refusal(_ place: String, _ value: JSONValue?) -> EvaluationError {
    .unsupportedTokenizer(file, place: place, what: value?.text() ?? "missing")
  }

  /// The tokens that are found before anything else.
  func addedTokens() throws(EvaluationError) -> AddedTokens {
    var tokens: [AddedTokens.Token] = []
    for (number, value) in (document.rest["added_tokens"]?.elements ?? []).enumerated() {
      let place = "added_tokens[\(number)]"
      guard let id = value["id"]?.integer, id >= 0, let text = value["content"]?.string,
        !text.isEmpty
      else { throw refusal(place, value) }
      if value["single_word"]?.bool == true { throw refusal(place + ".single_word", true) }
      tokens.append(
        .init(
          id: id, bytes: Array(text.utf8), stripsLeft: value["lstrip"]?.bool ?? false,
          stripsRight: value["rstrip"]?.bool ?? false))
    }
    return AddedTokens(tokens)
  }

  /// The tokens in front of a single text and behind it.
  func template() throws(EvaluationError) -> (beginning: [Int], ending: [Int]) {
    guard let processor = document.rest["post_processor"], !processor.isNull else {
      return ([], [])
    }
    return try template(processor, "post_processor")
  }

  private func template(
    _ processor: JSONValue, _ place: String
  ) throws(EvaluationError) -> (beginning: [Int], ending: [Int]) {
    switch processor["type"]?.string {
    case "ByteLevel": return ([], [])
    case "Sequence":
      var (beginning, ending): ([Int], [Int]) = ([], [])
      for (number, inner) in (processor["processors"]?.elements ?? []).enumerated() {
        let own = try template(inner, "\(place).processors[\(number)]")
        beginning = own.beginning + beginning
        ending += own.ending
      }
      return (beginning, ending)
    case "TemplateProcessing":
      var parts: (beginning: [Int], ending: [Int]) = ([], [])
      var hasText = false
      for (number, item) in (processor["single"]?.elements ?? []).enumerated() {
        if item["Sequence"] != nil {
          hasText = true
          continue
        }
        guard let name = item["SpecialToken"]?["id"]?.string,
          let ids = processor["special_tokens"]?[name]?["ids"]?.elements?.compactMap(\.integer)
        else { throw refusal("\(place).single[\(number)]", item) }
        if hasText { parts.ending += ids } else { parts.beginning += ids }
      }
      guard hasText else { throw refusal(place + ".single", processor["single"]) }
      return parts
    default: throw refusal(place + ".type", processor["type"])
    }
  }

  /// Byte pair encoding with this vocabulary.
  func model(isByteLevel: Bool) throws(EvaluationError) -> BytePairModel {
    let model = document.model
    guard model["type"]?.string ?? "BPE" == "BPE", !document.vocabulary.isEmpty else {
      throw refusal("model.type", model["type"])
    }
    for key in ["dropout", "continuing_subword_prefix", "end_of_word_suffix"] {
      guard let value = model[key], !value.isNull, value.string != "", value.number != 0 else {
        continue
      }
      throw refusal("model." + key, value)
    }
    var vocabulary: [[UInt8]: Int] = [:]
    for (bytes, id) in document.vocabulary { vocabulary[bytes] = id }
    var merges: [BytePairModel.Pair: (rank: Int, id: Int)] = [:]
    for (rank, merge) in document.merges.enumerated() {
      guard let left = vocabulary[merge.left], let right = vocabulary[merge.right],
        let id = vocabulary[merge.left + merge.right]
      else {
        throw refusal(
          "model.merges[\(rank)]",
          .string(String(decoding: merge.left + [0x20] + merge.right, as: UTF8.self)))
      }
      merges[.init(left: left, right: right)] = (rank, id)
    }
    let unknown = model["unk_token"]?.string.flatMap { vocabulary[Array($0.utf8)] }
    return BytePairModel(
      symbols: isByteLevel ? .bytes : .characters(fallsBack: model["byte_fallback"]?.bool ?? false),
      vocabulary: vocabulary, merges: merges, unknown: unknown,
      fusesUnknown: model["fuse_unk"]?.bool ?? false,
      ignoresMerges: model["ignore_merges"]?.bool ?? false)
  }
}
