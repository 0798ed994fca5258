internal import Compute
internal import Files
internal import Parallel
internal import Tensors

extension MagnitudeFactors {
  /// The groups of rows whose column sums are added up apart; fixed, so that the sums do not depend
  /// on the number of threads.
  private static let groupCount = 16

  /// Measures the norms of base + delta for one contribution, a block of rows at a time.
  init(
    of contribution: PlannedTensor.Contribution, base: StoredTensor, form: KernelForm,
    workers: Workers
  ) throws(AdapterError) {
    guard case .magnitude(let delta, let stored) = contribution.update.change else {
      preconditionFailure("only updates with magnitudes are measured")
    }
    let magnitudes = try stored.floats(form: form)
    let (rows, columns) = base.shape.matrix
    let loaded = try LoadedDelta(
      [
        .init(
          delta: delta, weight: 1, isTransposed: contribution.isTransposed, rowFactors: nil)
      ], rows: rows, columns: columns, form: form)
    let squares = try Self.squares(
      of: base, plus: loaded, alongColumns: contribution.isTransposed, form: form,
      workers: workers)
    self.factors = zip(magnitudes, squares).map { magnitude, square in
      square > 0 ? Float(Double(magnitude) / square.squareRoot()) : 1
    }
  }

  private static func squares(
    of base: StoredTensor, plus loaded: LoadedDelta, alongColumns: Bool, form: KernelForm,
    workers: Workers
  ) throws(AdapterError) -> [Double] {
    let (rows, columns) = (loaded.rows, loaded.columns)
    let height = max(1, TensorUpdate.rectangleElementCount / max(columns, 1))
    let rowsPerGroup = max(height, (rows + groupCount - 1) / groupCount)
    let groups = (rows + rowsPerGroup - 1) / rowsPerGroup
    let sums = Results<[Double]>(count: groups)
    try workers.perform(jobs: groups, scratch: { (delta: [Float](), spare: [Float]()) }) {
      group, scratch throws(AdapterError) in
      let end = min(rows, (group + 1) * rowsPerGroup)
      var own = [Double](repeating: 0, count: alongColumns ? columns : 0)
      var row = group * rowsPerGroup
      while row < end {
        let next = min(end, row + height)
        let values = try base.floats(rows: row..<next, columns: columns, form: form)
        if scratch.delta.count < values.count {
          scratch.delta = [Float](repeating: 0, count: values.count)
        }
        loaded.write(
          rows: row..<next, columns: 0..<columns, into: &scratch.delta, spare: &scratch.spare)
        if alongColumns {
          SquareSums.addColumns(
            base: values, delta: scratch.delta, rows: next - row, columns: columns, into: &own,
            form: form)
        } else {
          var block = [Double](repeating: 0, count: next - row)
          SquareSums.addRows(
            base: values, delta: scratch.delta, rows: next - row, columns: columns, into: &block,
            form: form)
          own += block
        }
        row = next
      }
      sums[group] = own
    }
    let parts = sums.values
    guard alongColumns else { return parts.flatMap { $0 } }
    return parts.reduce([Double](repeating: 0, count: columns)) { zip($0, $1).map(+) }
  }
}
