public import Compute
public import Parallel

/// How a plan is carried out: nothing in here changes a byte of the result.
public struct Execution: Sendable {
  /// The threads.
  public var workers: Workers
  /// The form of the kernels.
  public var form: KernelForm
  /// A request to stop.
  public var interruption: Interruption
  /// Called after every job, on any thread, with the bytes it was about.
  public var progress: @Sendable (Int) -> Void

  /// All processors, the fastest kernels, no progress.
  public init(
    workers: Workers = .available, form: KernelForm = .best,
    interruption: Interruption = Interruption(),
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.workers = workers
    self.form = form
    self.interruption = interruption
    self.progress = progress
  }
}
