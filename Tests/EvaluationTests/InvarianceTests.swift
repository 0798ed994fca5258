import Adapters
import Evaluation
import Tensors
import TestSupport
import Testing

/// A score is the same bits whatever is computed beside it.
struct InvarianceTests {
  @Test(arguments: ["llama", "mistral", "gpt2"])
  func `a sequence scores alike alone, among others and in any order`(name: String) throws {
    let folder = Fixtures.folder.appending("evaluate/models").appending(name)
    let model = try LanguageModel(
      AdaptedModel(base: try Checkpoint(opening: folder)), weights: BaseWeights(),
      execution: Execution())
    var generator = SeededGenerator(seed: 3)
    let sequences = [2, 64, 1, 17, 90, 33].map { length in
      ScoredSequence(
        ids: (0...length).map { _ in Int.random(in: 0..<96, using: &generator) },
        scored: 1..<length + 1)
    }
    var scratch = ForwardScratch()
    let together = model.scores(of: sequences, scratch: &scratch)
    for (sequence, expected) in zip(sequences, together) {
      var own = ForwardScratch()
      #expect(model.scores(of: [sequence], scratch: &own) == [expected])
    }
    #expect(
      model.scores(of: sequences.reversed(), scratch: &scratch) == Array(together.reversed()))
  }

  @Test func `the result is one document for any number of threads`() throws {
    let task = LabTests.isThorough ? "stories" : "problems"
    let one = try LabTests.run(task: task, threads: 1).json.text()
    let four = try LabTests.run(task: task, threads: 4).json.text()
    #expect(one == four)
  }
}
