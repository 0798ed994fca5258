internal import Glibc

/// What measured work took: by the clock, and in the time of all cores it ran on, which other
/// programs disturb less.
struct Effort {
  private(set) var seconds = 0.0
  private(set) var coreSeconds = 0.0

  /// Adds what `body` takes.
  mutating func measure(_ body: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    let (start, coreStart) = (clock.now, Self.coreTime)
    try body()
    seconds += (clock.now - start) / .seconds(1)
    coreSeconds += Self.coreTime - coreStart
  }

  private static var coreTime: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
