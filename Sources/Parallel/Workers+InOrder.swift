internal import Dispatch

extension Workers {
  /// How many results may wait for their turn, for each thread.
  public static let waitingPerThread = 4

  /// Calls `produce` once for each job from 0, on some thread, and `consume` with what it returned,
  /// on the caller's thread and in the order of the jobs.
  ///
  /// The caller's thread is one of the `count`: it produces while no result is due. At most
  /// `count * waitingPerThread` jobs are begun and not consumed. The error of the job with the lowest
  /// number is thrown, after all before it were consumed. Every thread makes itself a `scratch`
  /// before its first job, and hands it to `finish` after its last one.
  public func performInOrder<Scratch, Product: Sendable, Failure: Error>(
    jobs: Int,
    scratch: @escaping @Sendable () -> Scratch,
    finish: @escaping @Sendable (Scratch) -> Void,
    produce: @escaping @Sendable (Int, inout Scratch) throws(Failure) -> Product,
    consume: (Int, Product) throws(Failure) -> Void
  ) throws(Failure) {
    guard jobs > 0 else { return }
    let threads = min(count, jobs)
    let line = ProductionLine<Product, Failure>(
      jobs: jobs,
      room: threads * Self.waitingPerThread
    )
    let helpers = DispatchGroup()
    for _ in 1..<threads {
      DispatchQueue.global().async(group: helpers) {
        guard var job = line.next(waiting: true) else { return }
        var own = scratch()
        while true {
          line.put(job) { () throws(Failure) in try produce(job, &own) }
          guard let next = line.next(waiting: true) else { break }
          job = next
        }
        finish(own)
      }
    }
    defer {
      line.stop(threads: threads)
      helpers.wait()
    }
    var own = scratch()
    defer { finish(own) }
    var due = 0
    while due < jobs {
      if let result = line.take(due) {
        try consume(due, try result.get())
        due += 1
        line.release()
      } else if let job = line.next(waiting: false) {
        line.put(job) { () throws(Failure) in try produce(job, &own) }
      } else {
        line.waitForResult()
      }
    }
  }
}
