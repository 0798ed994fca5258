import Evaluation
import Files
import JSON
import TestSupport
import Testing

/// Ids of Hugging Face's `tokenizers` 0.23 (`fixtures/evaluate/tokenizers_golden.py`).
struct TokenizerTests {
  static let names = [
    "gpt2", "gpt2-prefix", "llama3", "qwen2", "llama2", "metaspace", "metaspace-unknown",
  ]

  @Test(arguments: names)
  func `ids are those of the reference`(name: String) throws {
    let folder = Fixtures.folder.appending("evaluate/tokenizers").appending(name)
    let tokenizer = try Tokenizer(besideModelAt: folder)
    #expect(tokenizer.beginning == [try #require(tokenizer.id(of: "<s>"))])
    let golden = try JSONValue(
      parsing: FileReader.contents(of: folder.appending("golden.json"), limit: 1 << 24))
    for case let pair? in (golden.elements ?? []).map(\.elements) {
      let text = try #require(pair[0].string)
      let encoded = try tokenizer.encode(text)
      #expect(encoded.ids == pair[1].elements?.compactMap(\.integer), "\(text.debugDescription)")
      #expect(encoded.starts.count == encoded.ids.count)
      #expect(encoded.starts == encoded.starts.sorted())
      #expect(encoded.starts.allSatisfy { 0...text.utf8.count ~= $0 })
    }
  }

  @Test func `GPT-2's own vocabulary gives GPT-2's ids`() throws {
    guard let shared = Fixtures.shared else { return }
    let folder = shared.appending("real/tokenizers/gpt2")
    let golden = shared.appending("real/tokenizers/golden/gpt2_encoded_tokens.json")
    guard folder.isDirectory, golden.isFile else { return }
    let vocabulary = try FileReader.contents(of: folder.appending("vocab.json"), limit: 1 << 24)
    let merges = String(
      decoding: try FileReader.contents(of: folder.appending("merges.txt"), limit: 1 << 24),
      as: UTF8.self
    ).split(separator: "\n").filter { !$0.hasPrefix("#version") }
    let lines: JSONValue = .array(merges.map { .string(String($0)) })
    let document =
      #"{"added_tokens":[],"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"#
      + #""model":{"type":"BPE","merges":"# + lines.text() + #","vocab":"#
      + String(decoding: vocabulary, as: UTF8.self) + "}}"
    let directory = try TemporaryDirectory()
    let tokenizer = try Tokenizer(
      opening: directory.write(Array(document.utf8), named: "tokenizer.json"))
    let expected = try JSONValue(parsing: FileReader.contents(of: golden, limit: 1 << 24))
    let ids = try tokenizer.encode(try #require(expected["text"]?.string)).ids
    #expect(ids == expected["token_ids"]?.elements?.compactMap(\.integer))
  }

  @Test func `a token begins at the byte of the text it stands for`() throws {
    let folder = Fixtures.folder.appending("evaluate/tokenizers/llama2")
    let tokenizer = try Tokenizer(besideModelAt: folder)
    let text = "ä the 🙂"
    let encoded = try tokenizer.encode(text)
    // ▁ in front begins with the text; ä is two bytes, the smiling face four.
    #expect(encoded.starts.first == 0)
    #expect(encoded.starts.suffix(4) == [7, 8, 9, 10])
  }

  @Test(arguments: [
    (
      #"{"normalizer":{"type":"Lowercase"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}"#,
      "normalizer.type"
    ),
    (
      #"{"pre_tokenizer":{"type":"Digits"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}"#,
      "pre_tokenizer.type"
    ),
    (#"{"model":{"type":"Unigram","vocab":[["a",0]]}}"#, "model.type"),
    (#"{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}"#, "model.merges[0]"),
    (
      #"{"post_processor":{"type":"BertProcessing"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}"#,
      "post_processor.type"
    ),
    (
      #"{"added_tokens":[{"id":1}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}"#,
      "added_tokens[0]"
    ),
  ])
  func `a component that is not understood is named by its path`(
    document: String, place: String
  ) throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(Array(document.utf8), named: "tokenizer.json")
    #expect {
      _ = try Tokenizer(opening: file)
    } throws: { error in
      guard case EvaluationError.unsupportedTokenizer(_, let found, _) = error else { return false }
      return found == place
    }
  }

  @Test func `texts that would have to be composed are refused, not encoded otherwise`() throws {
    let document =
      #"{"normalizer":{"type":"NFC"},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"#
      + #""model":{"type":"BPE","vocab":{"a":0},"merges":[]}}"#
    let directory = try TemporaryDirectory()
    let tokenizer = try Tokenizer(
      opening: directory.write(Array(document.utf8), named: "tokenizer.json"))
    #expect(try tokenizer.encode("aa").ids == [0, 0])
    #expect(throws: EvaluationError.self) { try tokenizer.encode("a\u{301}") }
  }

  @Test func `bytes that are no tokenizer never trap`() throws {
    let directory = try TemporaryDirectory()
    let whole = try FileReader.contents(
      of: Fixtures.folder.appending("evaluate/tokenizers/metaspace/tokenizer.json"), limit: 1 << 24)
    var generator = SeededGenerator(seed: 7)
    for round in 0..<60 {
      var bytes = whole
      if round % 2 == 0 {
        bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
      } else {
        for _ in 0..<4 {
          bytes[Int.random(in: 0..<min(bytes.count, 4000), using: &generator)] = UInt8.random(
            in: 0...255, using: &generator)
        }
      }
      let file = try directory.write(bytes, named: "tokenizer.json")
      if let tokenizer = try? Tokenizer(opening: file) { _ = try? tokenizer.encode("the ä\n🙂 1") }
    }
  }
}
