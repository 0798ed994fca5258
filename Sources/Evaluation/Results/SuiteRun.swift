public import Adapters
internal import Compute

/// A suite judged on a base and on what is compared with it.
public struct SuiteRun: Sendable {
  /// One target and its losses.
  public struct Entry: Sendable {
    /// The target.
    public let target: EvaluationTarget
    /// What it is made of.
    public let identity: TargetIdentity
    /// The tensors its adapters change.
    public let changedTensorCount: Int
    /// The losses, by task.
    public let losses: [TaskLoss]
  }

  /// What was run.
  public let prepared: PreparedSuite
  /// The targets, the base first.
  public let entries: [Entry]
  /// The kernels that computed the products.
  public let kernels: String

  /// The tasks.
  public var tasks: [PreparedTask] { prepared.tasks }

  /// Runs the tasks of a suite. Progress counts tokens.
  ///
  /// Targets are judged one after the other, their documents spread over the threads; the result
  /// does not depend on how many there are.
  ///
  /// Throws where a model is not computed, where a score is not finite, and where the adapters of a
  /// target change no score at all.
  public init(_ prepared: PreparedSuite, execution: Execution) throws(EvaluationError) {
    let weights = BaseWeights()
    var entries: [Entry] = []
    for target in prepared.targets {
      let model = try LanguageModel(
        target.model, weights: target.form == .model ? BaseWeights() : weights,
        execution: execution.silent)
      var losses: [TaskLoss] = []
      for task in prepared.tasks {
        losses.append(try model.loss(on: task, target: target.name, execution: execution))
      }
      if target.form == .unmerged, let reference = entries.first,
        zip(losses, reference.losses).allSatisfy({ $0.documents == $1.documents })
      {
        throw .withoutEffect(target: target.name)
      }
      entries.append(
        Entry(
          target: target, identity: try target.identity(execution: execution.silent),
          changedTensorCount: model.changedTensorCount, losses: losses))
    }
    self.prepared = prepared
    self.entries = entries
    kernels = SinglePrecision.description
  }

  /// How far a target is from the base on a task.
  public func difference(of entry: Entry, task: Int) -> PairedDifference {
    PairedDifference(
      of: entry.losses[task], to: entries[0].losses[task], mask: tasks[task].task.mask)
  }
}

extension Execution {
  /// The same without progress, for work that is not counted in tokens.
  fileprivate var silent: Execution {
    var execution = self
    execution.progress = { _ in }
    return execution
  }
}
