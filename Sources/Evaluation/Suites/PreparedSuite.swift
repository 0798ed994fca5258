internal import Adapters
public import Digests
public import Tensors

/// A suite whose data are read and turned into tokens, and the targets that will be judged by it.
public struct PreparedSuite: Sendable {
  /// The suite.
  public let suite: Suite
  /// The tasks.
  public let tasks: [PreparedTask]
  /// The digest of the tokenizer.
  public let tokenizer: Digest
  /// The tokens at the ends of a text.
  public let specials: SpecialTokens
  /// The longest input.
  public let length: Int
  /// The targets, the base first.
  public let targets: [EvaluationTarget]

  /// Reads the data of a suite's tasks, or of those in `chosen`.
  ///
  /// Every target is given the same tokens, those of the base's tokenizer, and inputs that the one
  /// with the shortest context can take. Throws for a model that is not computed, a tokenizer that
  /// is not understood, and data that are not as the suite says.
  public init(
    _ suite: Suite, tasks chosen: Set<String>? = nil, base: Checkpoint, name: String,
    targets: [EvaluationTarget]
  ) throws(EvaluationError) {
    let all = [EvaluationTarget(base: base, name: name)] + targets
    var length = suite.maxLength ?? Int.max
    for target in all {
      length = min(length, try ModelConfiguration(of: target.model.base).inputLength)
    }
    let tokenizer = try Tokenizer(besideModelAt: base.path)
    let specials = SpecialTokens(tokenizer, model: base)
    var tasks: [PreparedTask] = []
    for task in suite.tasks where chosen?.contains(task.name) ?? true {
      tasks.append(
        try PreparedTask(task, tokenizer: tokenizer, specials: specials, length: length))
    }
    self.suite = suite
    self.tasks = tasks
    self.tokenizer = tokenizer.digest
    self.specials = specials
    self.length = length
    self.targets = all
  }

  /// The tokens that all targets together read.
  public var tokenCount: Int { targets.count * tasks.reduce(0) { $0 + $1.tokenCount } }
}
