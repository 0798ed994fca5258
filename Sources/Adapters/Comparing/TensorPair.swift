internal import Compute
internal import Files
internal import Tensors

/// Two stored tensors of as many elements, compared a piece at a time.
struct TensorPair: Sendable {
  let old: StoredTensor
  let new: StoredTensor

  /// The elements of a piece: a quarter of a megabyte in single precision, which the caches hold.
  static let pieceCount = 1 << 16

  /// The number of pieces; one for a strided tensor, whose elements do not lie in order.
  var count: Int {
    guard old.info.strides == nil, new.info.strides == nil else { return 1 }
    return max(1, (old.shape.elementCount + Self.pieceCount - 1) / Self.pieceCount)
  }

  /// What a piece shows.
  struct Finding: Sendable {
    var isIdentical = true
    var sums: DifferenceSums?

    /// Adds the next piece's.
    mutating func add(_ other: Finding) {
      isIdentical = isIdentical && other.isIdentical
      if let others = other.sums { sums?.add(others) } else { sums = nil }
    }
  }

  /// Compares one piece; values are multiplied by a factor each.
  func finding(
    of piece: Int, factors: (old: Double, new: Double) = (1, 1), form: KernelForm
  ) throws(AdapterError) -> Finding {
    let before = try old.bytes(ofPiece: piece, of: count)
    let after = try new.bytes(ofPiece: piece, of: count)
    let isIdentical = old.dtype == new.dtype && before == after
    guard old.dtype.isComputed, new.dtype.isComputed else {
      return Finding(isIdentical: isIdentical, sums: nil)
    }
    var sums: DifferenceSums
    if old.dtype == .f64 || new.dtype == .f64 {
      sums = DifferenceSums(
        from: Conversion.doubles(before, of: old.dtype, form: form),
        to: Conversion.doubles(after, of: new.dtype, form: form), factors: factors)
    } else {
      let olds = Conversion.floats(before, of: old.dtype, form: form)
      let news = isIdentical ? olds : Conversion.floats(after, of: new.dtype, form: form)
      sums = DifferenceSums(from: olds, to: news, factors: factors)
    }
    // A NaN that stayed as it was is no difference.
    if isIdentical, factors.old == factors.new { sums.differenceSquares = 0 }
    return Finding(isIdentical: isIdentical, sums: sums)
  }

  /// Compares all pieces, one after the other.
  func finding(
    factors: (old: Double, new: Double) = (1, 1), execution: Execution
  ) throws(AdapterError) -> Finding {
    var total = Finding(isIdentical: true, sums: DifferenceSums())
    for piece in 0..<count {
      try execution.interruption.check()
      total.add(try finding(of: piece, factors: factors, form: execution.form))
    }
    return total
  }
}

extension StoredTensor {
  /// The bytes of one of so many pieces of the tensor.
  func bytes(ofPiece piece: Int, of count: Int) throws(AdapterError) -> [UInt8] {
    guard count > 1 else {
      do { return try file.bytes(of: info) } catch { throw .tensor(error) }
    }
    let bits = TensorPair.pieceCount * dtype.bitWidth
    let start = piece * bits / 8
    do {
      return try file.reader.bytes(
        at: info.byteOffset + start, count: min(bits / 8, info.byteCount - start))
    } catch { throw .file(error) }
  }
}
