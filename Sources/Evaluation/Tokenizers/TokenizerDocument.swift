internal import Files
internal import JSON

/// A `tokenizer.json`, its vocabulary taken out: that one is large, and its keys are told apart by
/// their bytes.
struct TokenizerDocument {
  /// The members of the document but for the model's vocabulary and merges.
  var rest: JSONValue = [:]
  /// The members of the model but for the same.
  var model: JSONValue = [:]
  var vocabulary: [(bytes: [UInt8], id: Int)] = []
  var merges: [(left: [UInt8], right: [UInt8])] = []

  /// Reads a document; throws where it is no JSON, or no tokenizer.
  init(_ bytes: [UInt8]) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    try scanner.expect("{")
    if !scanner.skip("}") {
      repeat {
        let key = try scanner.string()
        try scanner.expect(":")
        if key == "model", scanner.peek() == UInt8(ascii: "{") {
          try readModel(&scanner)
        } else {
          rest.set(key, to: try JSONValue(from: &scanner))
        }
      } while scanner.skip(",")
      try scanner.expect("}")
    }
    try scanner.expectEnd()
  }

  private mutating func readModel(_ scanner: inout JSONScanner) throws(JSONError) {
    try scanner.expect("{")
    if scanner.skip("}") { return }
    repeat {
      let key = try scanner.string()
      try scanner.expect(":")
      switch (key, scanner.peek()) {
      case ("vocab", UInt8(ascii: "{")): try readVocabulary(&scanner)
      case ("merges", UInt8(ascii: "[")): try readMerges(&scanner)
      default: model.set(key, to: try JSONValue(from: &scanner))
      }
    } while scanner.skip(",")
    try scanner.expect("}")
  }

  private mutating func readVocabulary(_ scanner: inout JSONScanner) throws(JSONError) {
    try scanner.expect("{")
    if scanner.skip("}") { return }
    repeat {
      let text = Array(try scanner.string().utf8)
      try scanner.expect(":")
      vocabulary.append((text, try scanner.index()))
    } while scanner.skip(",")
    try scanner.expect("}")
  }

  /// Merges are written `"a b"`, or `["a", "b"]` since a token may hold a space.
  private mutating func readMerges(_ scanner: inout JSONScanner) throws(JSONError) {
    try scanner.expect("[")
    if scanner.skip("]") { return }
    repeat {
      if scanner.skip("[") {
        let left = Array(try scanner.string().utf8)
        try scanner.expect(",")
        merges.append((left, Array(try scanner.string().utf8)))
        try scanner.expect("]")
      } else {
        let start = scanner.offset
        let text = Array(try scanner.string().utf8)
        guard let space = text.firstIndex(of: 0x20) else {
          throw .malformed(offset: start, expected: "two tokens with a space between them")
        }
        merges.append((Array(text[..<space]), Array(text[(space + 1)...])))
      }
    } while scanner.skip(",")
    try scanner.expect("]")
  }
}
