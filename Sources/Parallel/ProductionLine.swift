internal import Dispatch
internal import Synchronization

/// What the threads of `performInOrder` share.
final class ProductionLine<Product: Sendable, Failure: Error>: Sendable {
  private struct State: Sendable {
    var next = 0
    var isStopped = false
    var results: [Int: Result<Product, Failure>] = [:]
  }

  private let jobs: Int
  private let state = Mutex(State())
  private let room: DispatchSemaphore
  private let arrivals = DispatchSemaphore(value: 0)

  init(jobs: Int, room: Int) {
    self.jobs = jobs
    self.room = DispatchSemaphore(value: 0)
    for _ in 0..<room { self.room.signal() }
  }

  /// The next job to begin; nil where there is none or, without `waiting`, no room for its result.
  func next(waiting: Bool) -> Int? {
    guard room.wait(timeout: waiting ? .distantFuture : .now()) == .success else { return nil }
    let job = state.withLock { state -> Int? in
      guard !state.isStopped, state.next < jobs else { return nil }
      defer { state.next += 1 }
      return state.next
    }
    // Whoever else waits for room is to see that there is nothing left.
    if job == nil { room.signal() }
    return job
  }

  /// Runs a job and keeps what it gives; after an error no later job begins.
  func put(_ job: Int, _ work: () throws(Failure) -> Product) {
    let result: Result<Product, Failure>
    do throws(Failure) { result = .success(try work()) } catch { result = .failure(error) }
    state.withLock { state in
      state.results[job] = result
      if case .failure = result { state.isStopped = true }
    }
    arrivals.signal()
  }

  /// The result of a job, if it is there.
  func take(_ job: Int) -> Result<Product, Failure>? {
    state.withLock { $0.results.removeValue(forKey: job) }
  }

  /// Makes room for one more result.
  func release() { room.signal() }

  /// Returns once another result may be there.
  func waitForResult() { arrivals.wait() }

  /// Lets no further job begin, and nobody wait.
  func stop(threads: Int) {
    state.withLock { $0.isStopped = true }
    for _ in 0..<threads { room.signal() }
  }
}
