public import Compute
internal import Glibc

/// A sequence and the tokens of it that are scored.
public struct ScoredSequence: Hashable, Sendable {
  /// The tokens.
  public let ids: [Int]
  /// The places of the scored ones; the first is at least 1, as a token needs one before it.
  public let scored: Range<Int>

  /// A sequence; `scored` lies in `1..<ids.count`.
  public init(ids: [Int], scored: Range<Int>) {
    precondition(scored.isEmpty || scored.lowerBound >= 1 && scored.upperBound <= ids.count)
    self.ids = ids
    self.scored = scored
  }
}

/// What a model says of one token.
public struct TokenScore: Hashable, Sendable {
  /// The natural logarithm of its probability.
  public let logProbability: Double
  /// The likeliest token in its place.
  public let best: Int
  /// Whether every logit was finite.
  public let isFinite: Bool
}

extension LanguageModel {
  /// The scores of the scored tokens of each sequence, by log-softmax over the whole vocabulary.
  public func scores(
    of sequences: [ScoredSequence], scratch: inout ForwardScratch
  ) -> [[TokenScore]] {
    // The last scored token and what follows it are predicted, not read.
    let segments = run(
      sequences.map { Array($0.ids[..<max(1, $0.scored.upperBound - 1)]) }, scratch: &scratch)
    var likelihoods = sequences.map { sequence in
      sequence.scored.map { LogLikelihood(of: sequence.ids[$0]) }
    }
    forEachPanelOfLogits(
      zip(segments, sequences).map { segment, sequence in
        segment.lowerBound + sequence.scored.lowerBound - 1..<segment.lowerBound
          + max(sequence.scored.upperBound, sequence.scored.lowerBound) - 1
      }, scratch: &scratch
    ) { sequence, tokens, logits in
      for row in likelihoods[sequence].indices {
        likelihoods[sequence][row].add(logits, at: row * tokens.count, tokens: tokens)
      }
    }
    return likelihoods.map { row in
      row.map {
        TokenScore(
          logProbability: $0.value(log: { Glibc.log($0) }), best: $0.best, isFinite: $0.isFinite)
      }
    }
  }

  /// The logits after every token of a sequence, `[length, vocabulary]`.
  public func logits(after ids: [Int], scratch: inout ForwardScratch) -> Matrix {
    let segments = run([ids], scratch: &scratch)
    let columns = head.weight.rows
    var elements = [Float](repeating: 0, count: ids.count * columns)
    forEachPanelOfLogits(segments, scratch: &scratch) { _, tokens, logits in
      for row in ids.indices {
        for token in tokens {
          elements[row * columns + token] =
            logits[row * tokens.count + token - tokens.lowerBound]
        }
      }
    }
    return Matrix(rows: ids.count, columns: columns, elements: elements)
  }

  /// Calls `body` with the logits of some rows of `scratch.normal` for a panel of the vocabulary:
  /// the number of the group of rows, the panel's tokens, and `[rows, tokens]`.
  private func forEachPanelOfLogits(
    _ groups: [Range<Int>], scratch: inout ForwardScratch,
    _ body: (Int, Range<Int>, [Float]) -> Void
  ) {
    let width = configuration.hiddenSize
    let hidden = scratch.normal
    var logits = scratch.logits
    scratch.logits = []
    let rank = head.update?.left.columns ?? 0
    let narrow = groups.map { rows -> [Float] in
      guard let update = head.update else { return [] }
      var values = [Float](repeating: 0, count: rows.count * rank)
      SinglePrecision.multiply(
        hidden, Panel(offset: rows.lowerBound * width, rows: rows.count, columns: width),
        by: update.right.elements, update.right.panel, isRightTransposed: true, into: &values,
        Panel(rows: rows.count, columns: rank))
      return values
    }
    head.weight.forEachPanel(scratch: &scratch.widening.panel, form: form) { tokens, weights in
      for (group, rows) in groups.enumerated() where !rows.isEmpty {
        grow(&logits, to: rows.count * tokens.count)
        let target = Panel(rows: rows.count, columns: tokens.count)
        SinglePrecision.multiply(
          hidden, Panel(offset: rows.lowerBound * width, rows: rows.count, columns: width),
          by: weights, Panel(rows: tokens.count, columns: width), isRightTransposed: true,
          into: &logits, target)
        if let update = head.update {
          SinglePrecision.multiply(
            narrow[group], Panel(rows: rows.count, columns: rank), by: update.left.elements,
            Panel(offset: tokens.lowerBound * rank, rows: tokens.count, columns: rank),
            isRightTransposed: true, adding: true, into: &logits, target)
        }
        body(group, tokens, logits)
      }
    }
    scratch.logits = logits
  }
}
