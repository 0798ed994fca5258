internal import Synchronization

/// A request to stop, made by a signal handler or another thread and seen between two jobs.
public final class Interruption: Sendable {
  private let requested = Atomic<Bool>(false)

  /// Nothing requested yet.
  public init() {}

  /// Asks for the work to stop; safe to call from a signal handler.
  public func request() { requested.store(true, ordering: .relaxed) }

  /// Whether the work is to stop.
  public var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Throws `AdapterError.interrupted` once a stop was requested.
  func check() throws(AdapterError) {
    if isRequested { throw .interrupted }
  }
}
