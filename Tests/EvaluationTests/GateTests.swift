import Testing

@testable import Evaluation

/// Conditions on a run, and the statistics behind them.
struct GateTests {
  private func loss(_ documents: [(nats: Double, tokens: Int)]) -> TaskLoss {
    TaskLoss(
      documents: documents.map { document in
        var loss = DocumentLoss()
        loss.sums[PromptFormat.Segment.response.rawValue] = .init(
          nats: document.nats, tokens: document.tokens)
        return loss
      }, byteCount: 100)
  }

  @Test func `a difference is that of the means, with the error of a ratio`() throws {
    let reference = loss([(2, 1), (6, 2), (3, 3)])
    let target = loss([(3, 1), (6, 2), (6, 3)])
    let difference = PairedDifference(of: target, to: reference, mask: .response)
    // Δ = (1 + 0 + 3)/6; residuals 1/3, −4/3, 1.
    #expect(abs(difference.delta - 4.0 / 6) < 1e-15)
    let squares = 1.0 / 9 + 16.0 / 9 + 1
    #expect(
      abs(try #require(difference.standardError) - (3.0 / 2 * squares).squareRoot() / 6) < 1e-15)
  }

  @Test func `one document has no error`() {
    let difference = PairedDifference(of: loss([(3, 1)]), to: loss([(2, 1)]), mask: .response)
    #expect(difference.delta == 1)
    #expect(difference.standardError == nil)
  }

  @Test func `conditions are read as they are written`() throws {
    let gate = try #require(Gate(requiring: "a.b.nll <= 0.5"))
    #expect(gate.task == "a.b")
    #expect(gate.condition == .bound(.nll, isUpper: true, value: 0.5))
    #expect(
      Gate(requiring: "t.greedy>=1")?.condition == .bound(.greedy, isUpper: false, value: 1))
    for text in ["", "nll<=1", "t.nll<1", "t.nll<=x", "t.other<=1", "t.nll<=nan"] {
      #expect(Gate(requiring: text) == nil, "\(text)")
    }
    #expect(Gate(noRegression: "t")?.condition == .noRegression(margin: 0))
    #expect(Gate(noRegression: "t=0.01")?.condition == .noRegression(margin: 0.01))
    for text in ["", "=1", "t=-1", "t=x"] { #expect(Gate(noRegression: text) == nil, "\(text)") }
  }
}
