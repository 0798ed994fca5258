internal import Compute
internal import Tensors

extension TensorPair {
  /// The pair as a base's tensor and what became of it.
  var asTuned: TunedTensor { TunedTensor(base: old, tuned: new, role: .loose) }

  /// Norms of the two and of their difference besides `frobenius`; none of several matrices in one
  /// tensor, as some mixtures of experts have them.
  ///
  /// Of a vector the singular value is its length. Of a matrix one of the three is in memory at a
  /// time, in Float; those of spectral norms above 512 are lower ends of intervals (`SpectralNorm`),
  /// and the error bound is how much longer the difference may be. The tensors must be finite.
  func norms(
    _ wanted: Set<MatrixNorm>, frobenius: DifferenceNorms, _ execution: Execution
  ) throws(AdapterError) -> [MatrixNorm: DifferenceNorms] {
    guard !TensorRole.isStacked(old.info) else { return [:] }
    let (rows, columns) = old.shape.matrix
    let isVector = min(rows, columns) <= 1
    var norms: [MatrixNorm: DifferenceNorms] = [:]
    if isVector { for norm in wanted where norm != .max { norms[norm] = frobenius } }
    let others = wanted.filter { norms[$0] == nil }.sorted { $0.rawValue < $1.rawValue }
    guard !others.isEmpty else { return norms }
    let tensor = asTuned
    let before = try Self.values(
      others, of: try tensor.matrix(of: old, execution), tensor, execution)
    let after = try Self.values(
      others, of: try tensor.matrix(of: new, execution), tensor, execution)
    let change = try tensor.change(execution)
    let inputError = change?.inputError ?? 0
    let apart = try change.map { change throws(AdapterError) in
      try Self.values(others, of: change.matrix, tensor, execution)
    }
    for (place, norm) in others.enumerated() {
      norms[norm] = DifferenceNorms(
        old: before[place].value, new: after[place].value, distance: apart?[place].value ?? 0,
        errorBound: apart.map { $0[place].error + inputError } ?? 0)
    }
    return norms
  }

  private static func values(
    _ norms: [MatrixNorm], of matrix: Matrix, _ tensor: TunedTensor, _ execution: Execution
  ) throws(AdapterError) -> [(value: Double, error: Double)] {
    var values: [(value: Double, error: Double)] = []
    for norm in norms {
      try execution.interruption.check()
      do { values.append(try PairMeasures.norm(norm, of: matrix, name: tensor.name.text)) } catch {
        throw .notMeasured(tensor.target, error)
      }
    }
    return values
  }
}
