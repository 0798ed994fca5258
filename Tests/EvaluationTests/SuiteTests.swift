import Evaluation
import Files
import Tensors
import TestSupport
import Testing

/// Suites and data as they are written, rightly and wrongly.
struct SuiteTests {
  private let directory: TemporaryDirectory
  private static let lab = Fixtures.folder.appending("lab/base")

  init() throws { directory = try TemporaryDirectory() }

  private func suite(_ text: String) throws -> Suite {
    try Suite(reading: directory.write(Array(text.utf8), named: "suite.json"))
  }

  private func prepared(_ task: String, data: String, name: String = "d.jsonl") throws
    -> PreparedTask
  {
    try directory.write(Array(data.utf8), named: name)
    let suite = try suite(#"{"adapterctl":"suite/1","tasks":{"t":\#(task)}}"#)
    return try PreparedSuite(
      suite, base: try Checkpoint(opening: Self.lab), name: "base", targets: []
    ).tasks[0]
  }

  @Test func `a broken suite is placed by line and column`() throws {
    #expect {
      try suite("{\n  \"adapterctl\": \"suite/1\",\n  \"tasks\": nothing\n}")
    } throws: { error in
      guard case EvaluationError.malformedDocument(_, _, 3, 12) = error else { return false }
      return true
    }
  }

  @Test(arguments: [
    (#"{}"#, "adapterctl"),
    (#"{"adapterctl":"suite/1"}"#, "tasks"),
    (#"{"adapterctl":"suite/1","tasks":{},"x":1}"#, "the suite"),
    (#"{"adapterctl":"suite/1","tasks":{"a":{"kind":"code"}}}"#, "tasks.a.kind"),
    (#"{"adapterctl":"suite/1","tasks":{"a":{"kind":"text"}}}"#, "tasks.a.data.path"),
    (
      #"{"adapterctl":"suite/1","tasks":{"a":{"kind":"text","mask":"all","data":{"path":"x"}}}}"#,
      "tasks.a"
    ),
    (
      #"{"adapterctl":"suite/1","tasks":{"a":{"kind":"nll","mask":"odd","data":{"path":"x"}}}}"#,
      "tasks.a.mask"
    ),
    (
      #"{"adapterctl":"suite/1","tasks":{"a":{"kind":"nll","format":"{{q}}","data":{"path":"x"}}}}"#,
      "tasks.a.format"
    ),
    (
      #"{"adapterctl":"suite/1","tasks":{"a":{"kind":"nll","format":"{{response","data":{"path":"x"}}}}"#,
      "tasks.a.format"
    ),
    (
      #"{"adapterctl":"suite/1","tasks":{"a":{"kind":"text","data":{"path":"x","limit":0}}}}"#,
      "tasks.a.data.limit"
    ),
  ])
  func `a rule that a suite breaks is named by its place`(text: String, place: String) {
    #expect {
      try suite(text)
    } throws: { error in
      guard case EvaluationError.malformedSuite(_, let found, _) = error else { return false }
      return found == place
    }
  }

  @Test func `missing data, missing members and broken lines are errors`() throws {
    #expect {
      try prepared(#"{"kind":"text","data":{"path":"none.jsonl"}}"#, data: "")
    } throws: { error in
      guard case EvaluationError.file(.notFound) = error else { return false }
      return true
    }
    #expect {
      try prepared(
        #"{"kind":"text","data":{"path":"d.jsonl"}}"#, data: "{\"text\":\"a b\"}\n\n{\"t\":1}\n")
    } throws: { error in
      guard case EvaluationError.malformedData(_, 3, _) = error else { return false }
      return true
    }
    #expect {
      try prepared(
        #"{"kind":"text","data":{"path":"d.jsonl"}}"#, data: "{\"text\":\"a\"}\n{\"text\" 1}\n")
    } throws: { error in
      guard case EvaluationError.malformedDocument(_, _, 2, 9) = error else { return false }
      return true
    }
    #expect {
      try prepared(
        #"{"kind":"text","data":{"path":"d.jsonl","sha256":"00"}}"#, data: "{\"text\":\"a\"}\n")
    } throws: { error in
      guard case EvaluationError.malformedData = error else { return false }
      return true
    }
  }

  @Test func `two beginnings of text are refused`() throws {
    #expect {
      try prepared(
        #"{"kind":"text","data":{"path":"d.jsonl"}}"#, data: "{\"text\":\"<s>Once\"}\n")
    } throws: { error in
      guard case EvaluationError.doubledBeginning("<s>", "t") = error else { return false }
      return true
    }
    let task = try prepared(
      #"{"kind":"text","begin":false,"data":{"path":"d.jsonl"}}"#,
      data: "{\"text\":\"<s>Once\"}\n")
    #expect(task.documentCount == 1)
  }

  @Test func `every token belongs to the segment of its first byte`() throws {
    let base = try Checkpoint(opening: Self.lab)
    try directory.write(
      Array("{\"q\":\"Ben had 7 books.\",\"a\":\"The answer is 7 books.\"}\n".utf8),
      named: "d.jsonl")
    let suite = try suite(
      ####"{"adapterctl":"suite/1","tasks":{"t":{"kind":"nll","response":"a","####
        + ####""format":"### Instruction:\n{{q}}\n\n### Response:\n{{a}}","data":{"path":"d.jsonl"}}}}"####
    )
    let run = try SuiteRun(
      try PreparedSuite(suite, base: base, name: "base", targets: []), execution: .init())
    let loss = run.entries[0].losses[0]
    let tokenizer = try Tokenizer(besideModelAt: Self.lab)
    func count(_ text: String) throws -> Int { try tokenizer.encode(text).ids.count }
    let template = try count("### Instruction:\n") + count("\n\n### Response:\n")
    let prompt = try count("Ben had 7 books.")
    // The end of text belongs to the response.
    let response = try count("The answer is 7 books.") + 1
    #expect(loss.sum(.response).tokens == response)
    #expect(loss.sum(.noTemplate).tokens == prompt + response)
    #expect(loss.sum(.all).tokens == template + prompt + response)
    #expect(run.tasks[0].straddlingCount == 0)
  }

  @Test func `windows of a long text score every token once`() throws {
    let words = (0..<200).map { "word\($0)" }.joined(separator: " ")
    try directory.write(Array(words.utf8), named: "long.txt")
    let base = try Checkpoint(opening: Self.lab)
    func run(_ length: Int) throws -> SuiteRun {
      let suite = try suite(
        #"{"adapterctl":"suite/1","max_length":\#(length),"tasks":{"t":{"kind":"text","data":{"path":"long.txt"}}}}"#
      )
      return try SuiteRun(
        try PreparedSuite(suite, base: base, name: "base", targets: []), execution: .init())
    }
    let count = try Tokenizer(besideModelAt: Self.lab).encode(words).ids.count
    for length in [1, 7, 100, 256] {
      #expect(try run(length).entries[0].losses[0].sum(.all).tokens == count)
    }
  }
}
