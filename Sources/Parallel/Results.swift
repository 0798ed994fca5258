internal import Synchronization

/// The results of numbered jobs, put in by any thread and read when all are there.
public final class Results<Value: Sendable>: Sendable {
  private let slots: Mutex<[Value?]>

  /// Room for `count` results.
  public init(count: Int) { slots = Mutex(Array(repeating: nil, count: count)) }

  /// The result of one job, which must have been put in before it is read.
  public subscript(index: Int) -> Value {
    get {
      guard let value = slots.withLock({ $0[index] }) else {
        preconditionFailure("job \(index) has no result")
      }
      return value
    }
    set { slots.withLock { $0[index] = newValue } }
  }

  /// All results in the order of their jobs.
  public var values: [Value] { slots.withLock { $0.compactMap { $0 } } }
}
