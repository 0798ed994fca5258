internal import Compute
internal import Parallel
public import Tensors

/// What reading all values of an adapter or a model finds that its headers cannot tell.
public struct ValueCheck: Sendable {
  /// Tensors with values that are NaN or infinite, and how many.
  public let notFinite: [(name: TensorName, count: Int)]
  /// Tensors of zeros alone: a B that was never trained makes its delta zero.
  public let zero: [TensorName]

  /// Reads every floating-point tensor of some files, one at a time for each thread, in pieces.
  public init(of files: [TensorFile], execution: Execution = Execution()) throws(AdapterError) {
    let tensors = files.flatMap { file in
      file.tensors.filter(\.dtype.isComputed).map { StoredTensor($0, in: file) }
    }
    let results = Results<(bad: Int, isZero: Bool)>(count: tensors.count)
    try execution.workers.perform(jobs: tensors.count, scratch: {}) {
      number, _ throws(AdapterError) in
      try execution.interruption.check()
      let tensor = tensors[number]
      let count = TensorPair(old: tensor, new: tensor).count
      var found = (bad: 0, isZero: true)
      for piece in 0..<count {
        try execution.interruption.check()
        let bytes = try tensor.bytes(ofPiece: piece, of: count)
        let values = Conversion.floats(bytes, of: tensor.dtype, form: execution.form)
        found.bad += Conversion.nonFiniteCount(values, form: execution.form)
        found.isZero = found.isZero && values.allSatisfy { $0 == 0 }
      }
      results[number] = found
      execution.progress(tensor.info.byteCount)
    }
    let found = zip(tensors, results.values)
    notFinite = found.filter { $0.1.bad > 0 }.map { ($0.0.name, $0.1.bad) }
    zero = found.filter { $0.1.isZero && $0.0.shape.elementCount > 0 }.map(\.0.name)
  }
}
