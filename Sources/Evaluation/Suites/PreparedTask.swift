public import Digests
internal import JSON

/// A task whose documents have been read and turned into tokens: the same for every target.
public struct PreparedTask: Sendable {
  /// One document.
  struct Document: Sendable {
    /// What the model is run on; a long text has several windows.
    let windows: [ScoredSequence]
    /// The segment of each scored token, window after window.
    let segments: [PromptFormat.Segment]
    /// The bytes of its text.
    let byteCount: Int
    /// Whether tokens were cut off its front.
    let isTruncated: Bool
    /// The tokens that lie in two segments.
    let straddlingCount: Int
  }

  /// The task.
  public let task: SuiteTask
  /// The digest of its data.
  public let dataDigest: Digest
  /// The documents in the file, also those beyond a limit.
  public let totalCount: Int
  let documents: [Document]

  /// The documents that are scored.
  public var documentCount: Int { documents.count }
  /// The tokens that a model reads.
  public var tokenCount: Int {
    documents.reduce(0) { $0 + $1.windows.reduce(0) { $0 + $1.ids.count } }
  }
  /// The bytes of all texts.
  public var byteCount: Int { documents.reduce(0) { $0 + $1.byteCount } }
  /// The documents that were too long for the model.
  public var truncatedCount: Int { documents.count { $0.isTruncated } }
  /// The tokens that lie in two segments.
  public var straddlingCount: Int { documents.reduce(0) { $0 + $1.straddlingCount } }

  /// Reads the data of a task and turns it into tokens, `length` of which a model takes at most.
  public init(
    _ task: SuiteTask, tokenizer: Tokenizer, specials: SpecialTokens, length: Int
  ) throws(EvaluationError) {
    let data = try DataSet(task.data)
    self.task = task
    dataDigest = data.digest
    totalCount = data.totalCount
    var documents: [Document] = []
    for record in data.records {
      func member(_ name: String) -> String? { record.value[name]?.string }
      func missing(_ name: String) -> EvaluationError {
        .malformedData(
          task.data.path, line: record.line, rule: "has no text under \"\(name)\"")
      }
      let text: String
      let segments: [(end: Int, segment: PromptFormat.Segment)]
      switch task.kind {
      case .text(let field):
        guard let value = member(field) else { throw missing(field) }
        (text, segments) = (value, [(value.utf8.count, .response)])
      case .response(let format): (text, segments) = try format.text(member, missing: missing)
      }
      let tokens = try tokenizer.encode(text)
      let front = task.begins ? specials.beginning(isText: task.kind.isText) : []
      if let first = front.last, tokens.ids.first == first {
        throw .doubledBeginning(token: tokenizer.text(of: first) ?? String(first), task: task.name)
      }
      documents.append(
        Self.document(
          front: front, tokens: tokens, end: task.scoresEnd ? specials.end : nil,
          byteCount: text.utf8.count, segments: segments, isText: task.kind.isText, length: length))
    }
    self.documents = documents
    guard tokenCount > 0 else {
      throw .malformedData(task.data.path, line: 0, rule: "has no token to score")
    }
  }

  private static func document(
    front: [Int], tokens: TokenizedText, end: Int?, byteCount: Int,
    segments: [(end: Int, segment: PromptFormat.Segment)], isText: Bool, length: Int
  ) -> Document {
    var labels: [PromptFormat.Segment] = []
    var straddling = 0
    var place = 0
    for (index, start) in tokens.starts.enumerated() {
      while place < segments.count - 1, start >= segments[place].end { place += 1 }
      labels.append(segments[place].segment)
      let stop = index + 1 < tokens.starts.count ? tokens.starts[index + 1] : byteCount
      if stop > segments[place].end { straddling += 1 }
    }
    var ids = front + tokens.ids
    // What stands in front is never scored.
    labels = front.map { _ in .template } + labels
    if let end {
      ids.append(end)
      labels.append(.response)
    }
    let first = max(front.count, 1)
    guard ids.count > first else {
      return Document(
        windows: [], segments: [], byteCount: byteCount, isTruncated: false, straddlingCount: 0)
    }
    if !isText {
      // The front of a long prompt is cut off: the response is what is asked for.
      let cut = max(0, ids.count - 1 - length)
      let from = max(first, cut + 1)
      return Document(
        windows: [
          ScoredSequence(ids: Array(ids[cut...]), scored: from - cut..<ids.count - cut)
        ], segments: Array(labels[from...]), byteCount: byteCount, isTruncated: cut > 0,
        straddlingCount: straddling)
    }
    // Every token is predicted once; windows after the first see as much of what is before them as
    // fits (lm-evaluation-harness' rolling windows).
    var windows: [ScoredSequence] = []
    var next = first
    while next < ids.count {
      let stop = min(ids.count, max(next + 1, (windows.isEmpty ? 1 : next) + length))
      let start = max(0, stop - 1 - length)
      windows.append(
        ScoredSequence(ids: Array(ids[start..<stop]), scored: next - start..<stop - start))
      next = stop
    }
    return Document(
      windows: windows, segments: Array(labels[first...]), byteCount: byteCount,
      isTruncated: false, straddlingCount: 0)
  }
}

extension SuiteTask.Kind {
  /// Whether every token of a text is scored.
  public var isText: Bool {
    if case .text = self { return true }
    return false
  }
}
