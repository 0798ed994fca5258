internal import JSON

extension TokenizerReader {
  /// What is done to a text before it is encoded, and whether it is encoded byte by byte.
  func normalizerAndSplitter() throws(EvaluationError) -> (
    normalizer: Normalizer, splitter: Splitter, isByteLevel: Bool
  ) {
    var steps: [Normalizer.Step] = []
    if let value = document.rest["normalizer"], !value.isNull {
      steps = try normalizerSteps(value, "normalizer")
    }
    guard let value = document.rest["pre_tokenizer"], !value.isNull else {
      return (
        Normalizer(steps: steps), Splitter(pattern: nil), false
      )
    }
    let items = value["type"]?.string == "Sequence" ? value["pretokenizers"]?.elements : nil
    var pattern: Splitter.Pattern?
    var isByteLevel = false
    var splitsAtMetaspace = false
    for (number, item) in (items ?? [value]).enumerated() {
      let place = items == nil ? "pre_tokenizer" : "pre_tokenizer.pretokenizers[\(number)]"
      switch item["type"]?.string {
      case "ByteLevel":
        isByteLevel = true
        if item["use_regex"]?.bool ?? true {
          guard pattern == nil else { throw refusal(place + ".use_regex", true) }
          pattern = .gpt2
        }
        if item["add_prefix_space"]?.bool ?? true {
          guard pattern == .gpt2 else { throw refusal(place + ".add_prefix_space", true) }
          steps.append(.prefixSpace)
        }
      case "Split":
        guard pattern == nil, !isByteLevel,
          item["behavior"]?.string == "Isolated", item["invert"]?.bool ?? false == false,
          let known = item["pattern"]?["Regex"]?.string.flatMap({ Self.patterns[$0] })
        else { throw refusal(place, item) }
        pattern = known
      case "Metaspace":
        guard item["replacement"]?.string ?? "▁" == "▁" else {
          throw refusal(place + ".replacement", item["replacement"])
        }
        steps.append(.metaspace(prepends: try prepending(item, place)))
        splitsAtMetaspace = item["split"]?.bool ?? true
      default: throw refusal(place + ".type", item["type"])
      }
    }
    if pattern != nil, !isByteLevel { throw refusal("pre_tokenizer", value) }
    if isByteLevel, splitsAtMetaspace { throw refusal("pre_tokenizer", value) }
    return (
      Normalizer(steps: steps),
      Splitter(pattern: pattern, splitsAtMetaspace: splitsAtMetaspace), isByteLevel
    )
  }

  private func prepending(
    _ item: JSONValue, _ place: String
  ) throws(EvaluationError) -> Normalizer.Prepending {
    switch item["prepend_scheme"]?.string {
    case "always": return .always
    case "first": return .first
    case "never": return .never
    case nil: return item["add_prefix_space"]?.bool ?? true ? .always : .never
    default: throw refusal(place + ".prepend_scheme", item["prepend_scheme"])
    }
  }

  private func normalizerSteps(
    _ value: JSONValue, _ place: String
  ) throws(EvaluationError) -> [Normalizer.Step] {
    switch value["type"]?.string {
    case "Sequence":
      var steps: [Normalizer.Step] = []
      for (number, inner) in (value["normalizers"]?.elements ?? []).enumerated() {
        steps += try normalizerSteps(inner, "\(place).normalizers[\(number)]")
      }
      return steps
    case "Prepend":
      guard let text = value["prepend"]?.string else { throw refusal(place, value) }
      return [.prepend(Array(text.unicodeScalars))]
    case "Replace":
      guard let old = value["pattern"]?["String"]?.string, old.unicodeScalars.count == 1,
        let scalar = old.unicodeScalars.first, let new = value["content"]?.string
      else { throw refusal(place, value) }
      return [.replace(scalar, by: Array(new.unicodeScalars))]
    case "NFC": return [.composed]
    default: throw refusal(place + ".type", value["type"])
    }
  }

  /// The regular expressions that models of the supported families split by.
  private static let patterns: [String: Splitter.Pattern] = {
    let rest =
      #"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    let ends = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|"#
    let parts = rest.split(separator: "DIGITS", omittingEmptySubsequences: false)
    return [
      #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
      #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
      ends + parts.joined(separator: "{1,3}"): .llama3(digits: 3),
      ends + parts.joined(): .llama3(digits: 1),
    ]
  }()
}
