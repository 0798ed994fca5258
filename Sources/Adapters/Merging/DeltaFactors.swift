internal import Compute
internal import Files
internal import Tensors

/// The factors of one tensor's whole additive update, loaded, scaled and stacked.
///
/// Σₜ wₜ·sₜ·Bₜ·Aₜ = left · right with left `[rows, Σ rankₜ]` and right `[Σ rankₜ, columns]`: the
/// adapters' factors side by side in the order of the plan, so that the sum over k runs through the
/// first adapter's ranks, then the second's. The factor wₜ·sₜ is rounded to Float once and
/// multiplied into B; magnitudes are multiplied into B after it (NUMERICS.md). Whatever has two
/// factors (`Delta.exactFactors`) can be loaded so, not only what is stored as two.
struct DeltaFactors {
  let left: Matrix
  let right: Matrix

  /// One adapter's share.
  struct Term {
    let factors: LowRank
    let weight: Double
    let isTransposed: Bool
    /// What row `i` of B is multiplied by besides; nil for nothing.
    let rowFactors: [Float]?
  }

  /// Loads, scales and stacks one term or more; throws where a factor is unreadable or not finite.
  init(_ terms: [Term], form: KernelForm) throws(AdapterError) {
    var lefts: [Matrix] = []
    var rights: [Matrix] = []
    for term in terms {
      let a = try term.factors.a.matrix(form: form)
      var b = try term.factors.b.matrix(form: form)
      b.scale(by: Float(term.weight * term.factors.scaling.factor))
      if let rowFactors = term.rowFactors { b.scaleRows(by: rowFactors) }
      lefts.append(term.isTransposed ? a.transposed : b)
      rights.append(term.isTransposed ? b.transposed : a)
    }
    left = Self.sideBySide(lefts)
    right = Self.onTopOfOneAnother(rights)
  }

  private static func sideBySide(_ matrices: [Matrix]) -> Matrix {
    guard matrices.count > 1 else { return matrices[0] }
    let rows = matrices[0].rows
    var elements: [Float] = []
    elements.reserveCapacity(matrices.reduce(0) { $0 + $1.elements.count })
    for row in 0..<rows {
      for matrix in matrices {
        elements += matrix.elements[row * matrix.columns..<(row + 1) * matrix.columns]
      }
    }
    return Matrix(
      rows: rows, columns: matrices.reduce(0) { $0 + $1.columns }, elements: elements)
  }

  private static func onTopOfOneAnother(_ matrices: [Matrix]) -> Matrix {
    guard matrices.count > 1 else { return matrices[0] }
    return Matrix(
      rows: matrices.reduce(0) { $0 + $1.rows }, columns: matrices[0].columns,
      elements: matrices.flatMap(\.elements))
  }
}

extension StoredTensor {
  /// The elements, widened to Float; throws where they are unreadable, and where one is not finite
  /// unless `allowingNonFinite`.
  func floats(
    form: KernelForm, allowingNonFinite: Bool = false
  ) throws(AdapterError) -> [Float] {
    let bytes: [UInt8]
    do { bytes = try file.bytes(of: info) } catch { throw .tensor(error) }
    let values = Conversion.floats(bytes, of: info.dtype, form: form)
    if allowingNonFinite { return values }
    let bad = Conversion.nonFiniteCount(values, form: form)
    guard bad == 0 else { throw .notFinite(file.reader.path, info.name, count: bad) }
    return values
  }
}
