internal import Glibc

/// What a model's loss on one document is, by the segments of its text.
public struct DocumentLoss: Hashable, Sendable {
  /// A sum of losses and what it is over.
  public struct Sum: Hashable, Sendable {
    /// Σ −ln p
    public var nats = 0.0
    /// The tokens.
    public var tokens = 0
  }

  /// The sums, by segment.
  public var sums = [Sum](repeating: Sum(), count: PromptFormat.Segment.allCases.count)
  /// Whether every token of the response is the model's likeliest one: greedy decoding would write
  /// the response.
  public var isGreedy = true

  /// The sum over the tokens that a mask counts.
  public func sum(_ mask: SuiteTask.Mask) -> Sum {
    var total = Sum()
    for segment in PromptFormat.Segment.allCases where mask.counts(segment) {
      total.nats += sums[segment.rawValue].nats
      total.tokens += sums[segment.rawValue].tokens
    }
    return total
  }
}

extension SuiteTask.Mask {
  /// Whether the tokens of a segment count.
  func counts(_ segment: PromptFormat.Segment) -> Bool {
    switch self {
    case .response: return segment == .response
    case .all: return true
    case .noTemplate: return segment != .template
    }
  }
}

/// What a target's loss on a task is.
public struct TaskLoss: Sendable {
  /// The losses of the documents, in their order.
  public let documents: [DocumentLoss]
  /// The bytes of all texts.
  public let byteCount: Int

  /// Σ −ln p over the counted tokens of all documents.
  public func sum(_ mask: SuiteTask.Mask) -> DocumentLoss.Sum {
    documents.reduce(into: .init()) { total, document in
      let own = document.sum(mask)
      total.nats += own.nats
      total.tokens += own.tokens
    }
  }

  /// The mean loss per token, in nats; NaN where no token counts.
  public func loss(_ mask: SuiteTask.Mask) -> Double {
    let sum = sum(mask)
    return sum.nats / Double(sum.tokens)
  }

  /// e to the mean loss.
  public func perplexity(_ mask: SuiteTask.Mask) -> Double { exp(loss(mask)) }

  /// Σ −log₂ p over the bytes of the texts.
  public var bitsPerByte: Double { sum(.all).nats / (log(2.0) * Double(byteCount)) }

  /// The share of documents whose response greedy decoding would write.
  public var greedyShare: Double {
    Double(documents.count { $0.isGreedy }) / Double(documents.count)
  }
}

/// How far two targets' losses on the same documents are apart.
public struct PairedDifference: Hashable, Sendable {
  /// The difference of the mean losses per token: above 0 where the second is worse.
  public let delta: Double
  /// Its standard error by the documents' residuals; nil for fewer than two documents.
  public let standardError: Double?

  /// Compares a target with a reference, document by document.
  ///
  /// Δ = Σδᵢ/ΣTᵢ with δᵢ the difference of the document's sums and Tᵢ its tokens; the error is that
  /// of a ratio, √(n/(n−1)·Σ(δᵢ − Δ·Tᵢ)²)/ΣTᵢ.
  public init(of target: TaskLoss, to reference: TaskLoss, mask: SuiteTask.Mask) {
    let pairs = zip(target.documents, reference.documents).map { own, other in
      (difference: own.sum(mask).nats - other.sum(mask).nats, tokens: own.sum(mask).tokens)
    }
    let tokens = Double(pairs.reduce(0) { $0 + $1.tokens })
    delta = pairs.reduce(0) { $0 + $1.difference } / tokens
    let counted = pairs.filter { $0.tokens > 0 }
    guard counted.count > 1 else {
      standardError = nil
      return
    }
    let mean = delta
    let squares = counted.reduce(0.0) { sum, pair in
      let residual = pair.difference - mean * Double(pair.tokens)
      return sum + residual * residual
    }
    let n = Double(counted.count)
    standardError = (n / (n - 1) * squares).squareRoot() / tokens
  }
}
