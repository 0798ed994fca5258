internal import Compute
internal import Parallel
public import Tensors

/// What reading all values of an adapter finds that its header cannot tell.
public struct ValueCheck: Sendable {
  /// Tensors with values that are NaN or infinite, and how many.
  public let notFinite: [(name: TensorName, count: Int)]
  /// Tensors of zeros alone: a B that was never trained makes its delta zero.
  public let zero: [TensorName]

  /// Reads every floating-point tensor of an adapter, one at a time for each thread.
  public init(of adapter: Adapter, execution: Execution = Execution()) throws(AdapterError) {
    let tensors = adapter.file.tensors.filter(\.dtype.isComputed)
    let results = Results<(bad: Int, isZero: Bool)>(count: tensors.count)
    try execution.workers.perform(jobs: tensors.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let bytes: [UInt8]
      do throws(TensorError) {
        bytes = try adapter.file.bytes(of: tensors[number])
      } catch { throw .tensor(error) }
      let values = Conversion.floats(bytes, of: tensors[number].dtype, form: execution.form)
      results[number] = (
        Conversion.nonFiniteCount(values, form: execution.form), values.allSatisfy { $0 == 0 }
      )
    }
    let found = zip(tensors, results.values)
    notFinite = found.filter { $0.1.bad > 0 }.map { ($0.0.name, $0.1.bad) }
    zero = found.filter { $0.1.isZero && $0.0.shape.elementCount > 0 }.map(\.0.name)
  }
}
