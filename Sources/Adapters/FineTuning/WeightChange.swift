public import Compute
internal import Files
internal import Tensors

/// The change of one weight, in memory: Δ = W_tuned − W_base, as Float.
///
/// Of 16-bit pairs Δ is exact unless their exponents lie more than 16 binades apart, of others each
/// entry is rounded once: `inputError`, 2⁻²⁴·‖Δ‖_F, bounds what all roundings amount to.
public struct WeightChange: Sendable {
  /// Δ, `[rows, columns]`: the first extent against the product of the others.
  public var matrix: Matrix
  /// ‖W_base‖_F²
  public let squaredBase: Double
  /// ‖W_tuned‖_F²
  public let squaredTuned: Double
  /// ‖Δ‖_F²
  public let squaredNorm: Double
  /// The mean of ulp(W_tuned)²: the square of what one unit in the last place is, over all elements.
  public let meanSquaredUlp: Double

  /// What Δ is off by at most, in the Frobenius norm.
  public var inputError: Double { 0x1p-24 * squaredNorm.squareRoot() }

  /// The standard deviation of the rounding that storing W_tuned left in Δ: ulp/√12, each element by
  /// its own ulp.
  public var roundingNoise: Double { (meanSquaredUlp / 12).squareRoot() }
}

extension TunedTensor {
  /// Reads both sides a piece at a time; nil where every bit is the same. Memory: 4 bytes an element,
  /// and none where nothing changed.
  ///
  /// Throws `notFinite` where a weight is NaN or infinite, `notComputed` for a type that is only
  /// carried. The extents must be the same on both sides.
  public func change(_ execution: Execution) throws(AdapterError) -> WeightChange? {
    for (tensor, path) in [(base, base.file.reader.path), (tuned, tuned.file.reader.path)]
    where !tensor.dtype.isComputed {
      throw .notComputed(path, tensor.name, tensor.dtype)
    }
    precondition(!isResized, "tensors of one shape")
    let (rows, columns) = base.shape.matrix
    let pair = TensorPair(old: base, new: tuned)
    let isWide = base.dtype == .f64 || tuned.dtype == .f64
    var elements: [Float] = []
    var sums = DifferenceSums()
    var squaredUlps = 0.0
    var done = 0
    for piece in 0..<pair.count {
      try execution.interruption.check()
      let before = try pair.old.bytes(ofPiece: piece, of: pair.count)
      let after = try pair.new.bytes(ofPiece: piece, of: pair.count)
      let isSame = base.dtype == tuned.dtype && before == after
      let count = before.count / base.dtype.elementByteCount
      defer { done += count }
      let news = Conversion.floats(after, of: tuned.dtype, form: execution.form)
      let bad = Conversion.nonFiniteCount(news, form: execution.form)
      if bad > 0 { throw .notFinite(tuned.file.reader.path, name, count: bad) }
      squaredUlps += UlpSums.squares(of: news, type: tuned.dtype)
      if isSame {
        sums.add(DifferenceSums(from: news, to: news))
        if !elements.isEmpty { elements.append(contentsOf: repeatElement(0, count: count)) }
        continue
      }
      if elements.isEmpty {
        elements.reserveCapacity(rows * columns)
        elements.append(contentsOf: repeatElement(0, count: done))
      }
      let olds = Conversion.floats(before, of: base.dtype, form: execution.form)
      let badOlds = Conversion.nonFiniteCount(olds, form: execution.form)
      if badOlds > 0 { throw .notFinite(base.file.reader.path, name, count: badOlds) }
      if isWide {
        let (from, to) = (
          Conversion.doubles(before, of: base.dtype, form: execution.form),
          Conversion.doubles(after, of: tuned.dtype, form: execution.form)
        )
        sums.add(DifferenceSums(from: from, to: to))
        elements.append(contentsOf: zip(from, to).lazy.map { Float($1 - $0) })
      } else {
        sums.add(DifferenceSums(from: olds, to: news))
        WeightDifference.append(news, minus: olds, to: &elements)
      }
    }
    // Another type alone, or another sign of a zero, is no change.
    guard sums.differenceSquares > 0 else { return nil }
    return WeightChange(
      matrix: Matrix(rows: rows, columns: columns, elements: elements),
      squaredBase: sums.oldSquares, squaredTuned: sums.newSquares,
      squaredNorm: sums.differenceSquares,
      meanSquaredUlp: squaredUlps / Double(max(1, rows * columns)))
  }

  /// One side as a matrix, in Float.
  func matrix(
    of tensor: StoredTensor, _ execution: Execution
  ) throws(AdapterError) -> Matrix {
    let pair = TensorPair(old: tensor, new: tensor)
    var elements: [Float] = []
    elements.reserveCapacity(tensor.shape.elementCount)
    for piece in 0..<pair.count {
      try execution.interruption.check()
      elements += Conversion.floats(
        try tensor.bytes(ofPiece: piece, of: pair.count), of: tensor.dtype, form: execution.form)
    }
    let (rows, columns) = tensor.shape.matrix
    return Matrix(rows: rows, columns: columns, elements: elements)
  }
}
