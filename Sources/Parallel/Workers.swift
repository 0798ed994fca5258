internal import CSystem
internal import Dispatch
internal import Synchronization

/// A fixed number of threads that take numbered jobs in ascending order: the one place where work
/// is spread over processors.
public struct Workers: Sendable {
  /// The number of threads.
  public let count: Int

  /// So many threads, at least one.
  public init(count: Int) { self.count = max(1, count) }

  /// One thread for each processor this process may use.
  public static var available: Workers {
    Workers(count: Int(adapterctl_processor_count()))
  }

  /// Calls `body` once for each job from 0, on some thread, and returns when all are done.
  ///
  /// Every thread makes itself a `scratch` first, and hands it to `finish` after its last job. After
  /// an error no later job begins; the error of the job with the lowest number is thrown, so that
  /// the same input gives the same error.
  public func perform<Scratch, Failure: Error>(
    jobs: Int, scratch: @Sendable () -> Scratch,
    _ body: @Sendable (Int, inout Scratch) throws(Failure) -> Void,
    finish: @Sendable (inout Scratch) throws(Failure) -> Void
  ) throws(Failure) {
    guard jobs > 0 else { return }
    let next = Atomic<Int>(0)
    let first = Mutex<(job: Int, error: Failure)?>(nil)
    DispatchQueue.concurrentPerform(iterations: min(count, jobs)) { _ in
      var own = scratch()
      func run(_ job: Int, _ work: () throws(Failure) -> Void) {
        do throws(Failure) {
          try work()
        } catch {
          first.withLock { if $0.map({ $0.job > job }) ?? true { $0 = (job, error) } }
        }
      }
      while true {
        let job = next.add(1, ordering: .relaxed).oldValue
        // Jobs before a failed one still run: one of them may be the first to fail.
        guard job < jobs, first.withLock({ ($0?.job ?? jobs) > job }) else { break }
        run(job) { () throws(Failure) in try body(job, &own) }
      }
      run(jobs) { () throws(Failure) in try finish(&own) }
    }
    if let failure = first.withLock({ $0 }) { throw failure.error }
  }

  /// The same, with nothing to finish. (As a default value of `finish` it crashes the compiler where
  /// `Failure` is `Never`.)
  public func perform<Scratch, Failure: Error>(
    jobs: Int, scratch: @Sendable () -> Scratch,
    _ body: @Sendable (Int, inout Scratch) throws(Failure) -> Void
  ) throws(Failure) {
    try perform(jobs: jobs, scratch: scratch, body, finish: { (_) throws(Failure) in })
  }
}
