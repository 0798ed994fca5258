import Parallel
import Synchronization
import Testing

@Suite struct WorkersTests {
  struct Failed: Error, Equatable { let job: Int }

  @Test(arguments: [0, 1, 2, 5], [0, 1, 3, 100])
  func `take every job once, with as many scratches as threads at most`(count: Int, jobs: Int) {
    let scratches = Atomic<Int>(0)
    let doneJobs = Mutex<[Int]>([])
    let workers = Workers(count: count)
    workers.perform(jobs: jobs) {
      scratches.add(1, ordering: .relaxed)
      return 0
    } _: { job, own in
      own += 1
      doneJobs.withLock { $0.append(job) }
    }
    #expect(doneJobs.withLock { $0.sorted() } == Array(0..<jobs))
    #expect(scratches.load(ordering: .relaxed) <= min(workers.count, jobs))
    #expect(workers.count == max(1, count))
  }

  @Test func `throw the error of the first job that fails, whoever meets it first`() {
    for _ in 0..<200 {
      let begun = Atomic<Int>(0)
      #expect(throws: Failed(job: 5)) {
        try Workers(count: 4).perform(jobs: 1_000) {
        } _: { (job, _) throws(Failed) in
          begun.add(1, ordering: .relaxed)
          if job >= 5 { throw Failed(job: job) }
        }
      }
      #expect(begun.load(ordering: .relaxed) <= 6 + 3)
    }
  }

  @Test func `one thread goes in ascending order and stops at the error`() {
    let seen = Mutex<[Int]>([])
    #expect(throws: Failed(job: 3)) {
      try Workers(count: 1).perform(jobs: 9) {
      } _: { (job, _) throws(Failed) in
        seen.withLock { $0.append(job) }
        if job == 3 { throw Failed(job: job) }
      }
    }
    #expect(seen.withLock { $0 } == [0, 1, 2, 3])
  }

  @Test func `there is at least one processor`() {
    #expect(Workers.available.count >= 1)
  }

  @Test func `results come in the order of their jobs`() {
    let results = Results<String>(count: 40)
    Workers(count: 3).perform(jobs: 40) {
    } _: { job, _ in
      results[job] = "\(job)"
    }
    #expect(results.values == (0..<40).map { "\($0)" })
    #expect(results[7] == "7")
    #expect(Results<Int>(count: 0).values.isEmpty)
  }
}
