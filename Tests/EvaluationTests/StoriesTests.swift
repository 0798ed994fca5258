import Adapters
import Evaluation
import Files
import Tensors
import TestSupport
import Testing

/// stories260K, a trained model that is not ours to ship: read in place, skipped where absent.
struct StoriesTests {
  static let folder = Fixtures.shared?.appending("real/derived/stories260K-hf")

  /// What llama2.c's test expects of 200 greedy tokens.
  static let greedy = """
    Once upon a time, there was a little girl named Lily. She loved to play outside in the park. \
    One day, she saw a big, red ball. She wanted to play with it, but it was too high.
    Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. She \
    said, "I want to play with your ball, but I can't find it."
    Lily was sad and didn't know what to do. She said, "I'm sorry, Lily. I didn't know what to do."
    Lily didn't want to help her mom, so she
    """

  @Test func `the likeliest token is llama2.c's at every step`() throws {
    guard let folder = Self.folder, folder.isDirectory else { return }
    let model = try LanguageModel(
      AdaptedModel(base: try Checkpoint(opening: folder)), weights: BaseWeights(),
      execution: Execution())
    let tokenizer = try Tokenizer(besideModelAt: folder)
    let ids = tokenizer.beginning + (try tokenizer.encode(Self.greedy).ids)
    var scratch = ForwardScratch()
    let scores = model.scores(
      of: [ScoredSequence(ids: ids, scored: 1..<ids.count)], scratch: &scratch)
    // Where each is the likeliest given those before it, greedy decoding writes the text.
    #expect(scores[0].map(\.best) == Array(ids.dropFirst()))
  }

  @Test func `the perplexity is the one of EVALUATE 15.8`() throws {
    guard let folder = Self.folder, folder.isDirectory, let shared = Fixtures.shared else { return }
    let directory = try TemporaryDirectory()
    let data = shared.appending("real/eval/tinystories-sample.txt")
    let suite = try directory.write(
      Array(
        #"{"adapterctl":"suite/1","tasks":{"t":{"kind":"text","data":{"path":"\#(data.text)","split":"<|endoftext|>"}}}}"#
          .utf8), named: "suite.json")
    let run = try SuiteRun(
      try PreparedSuite(
        try Suite(reading: suite), base: try Checkpoint(opening: folder), name: "base", targets: []),
      execution: Execution())
    let loss = run.entries[0].losses[0]
    #expect(loss.sum(.all).tokens == 1804)
    #expect(abs(loss.loss(.all) - 1.26644) < 1e-5)
    #expect(abs(loss.perplexity(.all) - 3.54820) < 4e-5)
    #expect(abs(loss.bitsPerByte - 0.88675) < 1e-5)
    let own = loss.documents.map { $0.sum(.all).nats / Double($0.sum(.all).tokens) }
    for (found, expected) in zip(own, [1.31599, 1.23856, 0.95223, 1.49345, 1.18792]) {
      #expect(abs(found - expected) < 1e-5)
    }
  }
}
