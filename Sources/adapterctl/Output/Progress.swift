internal import Glibc
internal import Synchronization

/// One line on standard error that says how far a long command is: shown after half a second, on a
/// terminal unless it is forced, at most ten times a second, and cleared at the end.
final class Progress: Sendable {
  private struct State {
    var done = 0
    var lastShown: Double
    var isShown = false
  }

  private let label: String
  private let total: Int
  private let isEnabled: Bool
  private let amount: @Sendable (Int) -> String
  private let started: Double
  private let state: Mutex<State>

  /// Counts bytes, or whatever else `amount` gives an amount of a unit.
  init(
    _ label: String, totalByteCount: Int, isEnabled: Bool,
    amount: @escaping @Sendable (Int) -> String = { Numbers.bytes($0) }
  ) {
    self.label = label
    self.amount = amount
    total = totalByteCount
    self.isEnabled = isEnabled
    started = Self.now()
    state = Mutex(State(lastShown: started))
  }

  /// Adds bytes that are done; safe from any thread.
  func advance(by byteCount: Int) {
    guard isEnabled else { return }
    state.withLock { state in
      state.done += byteCount
      let now = Self.now()
      guard now - started > 0.5, now - state.lastShown > 0.1 else { return }
      state.lastShown = now
      state.isShown = true
      Terminal.writeErrorPart("\r\u{1B}[K" + line(done: state.done, after: now - started))
    }
  }

  /// Clears the line.
  func finish() {
    state.withLock { state in
      if state.isShown { Terminal.writeErrorPart("\r\u{1B}[K") }
      state.isShown = false
    }
  }

  private func line(done: Int, after seconds: Double) -> String {
    let rate = Double(done) / seconds
    // How much there is may not be known before the end.
    guard total > 0 else {
      return "\(label)  \(amount(done))  \(amount(Int(rate)))/s"
    }
    let left = rate > 0 ? Int(Double(max(0, total - done)) / rate + 0.5) : 0
    return "\(label)  \(amount(done)) of \(amount(total))  \(amount(Int(rate)))/s  "
      + "\(left) s left"
  }

  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
