public import Adapters
internal import Compute
internal import Parallel

extension LanguageModel {
  /// The tokens that one worker takes at a time: weights are widened once for all of them.
  private static let groupLength = 1024

  /// The losses of a task's documents.
  ///
  /// The result is the same for any number of threads. Throws for a token outside the vocabulary,
  /// for a logit that is not finite, and on a request to stop.
  public func loss(
    on task: PreparedTask, target: String, execution: Execution
  ) throws(EvaluationError) -> TaskLoss {
    let windows = task.documents.enumerated().flatMap { number, document in
      document.windows.map { (document: number, sequence: $0) }
    }
    let vocabulary = min(embedding.weight.rows, head.weight.rows)
    for window in windows {
      if let id = window.sequence.ids.first(where: { $0 >= vocabulary }) {
        throw .tokenOutside(id, vocabulary: vocabulary)
      }
    }
    let groups = Self.groups(windows.map(\.sequence.ids.count))
    let results = Results<[[TokenScore]]>(count: groups.count)
    try execution.workers.perform(jobs: groups.count, scratch: { ForwardScratch() }) {
      number, scratch throws(EvaluationError) in
      if execution.interruption.isRequested { throw .interrupted }
      let own = windows[groups[number]]
      let scores = self.scores(of: own.map(\.sequence), scratch: &scratch)
      for (window, row) in zip(own, scores) where !row.allSatisfy(\.isFinite) {
        throw .notFinite(target: target, task: task.task.name, document: window.document)
      }
      results[number] = scores
      execution.progress(own.reduce(0) { $0 + $1.sequence.ids.count })
    }
    var losses = [DocumentLoss](repeating: DocumentLoss(), count: task.documents.count)
    var places = [Int](repeating: 0, count: task.documents.count)
    for (window, row) in zip(windows, results.values.flatMap { $0 }) {
      let segments = task.documents[window.document].segments
      for (score, place) in zip(row, window.sequence.scored) {
        let segment = segments[places[window.document]]
        places[window.document] += 1
        losses[window.document].sums[segment.rawValue].nats -= score.logProbability
        losses[window.document].sums[segment.rawValue].tokens += 1
        if segment == .response, score.best != window.sequence.ids[place] {
          losses[window.document].isGreedy = false
        }
      }
    }
    return TaskLoss(documents: losses, byteCount: task.byteCount)
  }

  /// Neighbours together until they are long enough: a matter of the documents alone.
  private static func groups(_ lengths: [Int]) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    var total = 0
    for (index, length) in lengths.enumerated() {
      if index > start, total + length > groupLength {
        groups.append(start..<index)
        (start, total) = (index, 0)
      }
      total += length
    }
    if start < lengths.count { groups.append(start..<lengths.count) }
    return groups
  }
}
