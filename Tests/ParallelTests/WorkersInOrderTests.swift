import Parallel
import Synchronization
import Testing

@Suite struct WorkersInOrderTests {
  struct Failed: Error, Equatable { let job: Int }

  @Test(arguments: [1, 2, 3, 5], [0, 1, 3, 200])
  func `consume every product once and in order`(count: Int, jobs: Int) {
    let scratches = Atomic<Int>(0)
    let finished = Atomic<Int>(0)
    let ahead = Mutex((begun: 0, consumed: 0, most: 0))
    var consumed: [Int] = []
    Workers(count: count).performInOrder(
      jobs: jobs,
      scratch: { scratches.add(1, ordering: .relaxed) },
      finish: { _ in finished.add(1, ordering: .relaxed) },
      produce: { job, _ in
        ahead.withLock {
          $0.begun += 1
          $0.most = max($0.most, $0.begun - $0.consumed)
        }
        return job * job
      },
      consume: { job, product in
        #expect(product == job * job)
        consumed.append(job)
        ahead.withLock { $0.consumed += 1 }
      }
    )
    #expect(consumed == Array(0..<jobs))
    #expect(scratches.load(ordering: .relaxed) <= count)
    #expect(finished.load(ordering: .relaxed) == scratches.load(ordering: .relaxed))
    #expect(ahead.withLock { $0.most } <= count * Workers.waitingPerThread)
  }

  @Test func `throw the error of the first job that fails, after all before it`() {
    for count in [1, 2, 4] {
      for _ in 0..<100 {
        var consumed = 0
        #expect(throws: Failed(job: 7)) {
          try Workers(count: count).performInOrder(
            jobs: 1000,
            scratch: {},
            finish: { _ in },
            produce: { (job, _) throws(Failed) in
              if job >= 7 { throw Failed(job: job) }
              return job
            },
            consume: { (_, _) throws(Failed) in consumed += 1 }
          )
        }
        #expect(consumed == 7)
      }
    }
  }

  @Test func `stop where the consumer fails`() {
    let begun = Atomic<Int>(0)
    #expect(throws: Failed(job: 3)) {
      try Workers(count: 3).performInOrder(
        jobs: 1000,
        scratch: {},
        finish: { _ in },
        produce: { (job, _) throws(Failed) in
          begun.add(1, ordering: .relaxed)
          return job
        },
        consume: { (job, _) throws(Failed) in if job == 3 { throw Failed(job: job) } }
      )
    }
    #expect(begun.load(ordering: .relaxed) <= 3 + 3 * Workers.waitingPerThread + 1)
  }
}
