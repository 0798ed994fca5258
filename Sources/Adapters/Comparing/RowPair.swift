internal import Compute
internal import Tensors

/// Two adapters' replaced rows of one embedding.
struct RowPair: Sendable {
  let old: (places: [Int], stored: StoredTensor)
  let new: (places: [Int], stored: StoredTensor)

  /// The norms of the rows that both replace.
  func norms(_ execution: Execution) throws(AdapterError) -> DifferenceNorms? {
    let positions = Dictionary(
      new.places.enumerated().map { ($1, $0) }, uniquingKeysWith: { _, last in last })
    let before = try values(old.stored, execution.form)
    let after = try values(new.stored, execution.form)
    let columns = old.stored.shape.matrix.columns
    var sums = DifferenceSums()
    var count = 0
    for (position, place) in old.places.enumerated() {
      guard let other = positions[place] else { continue }
      sums.add(
        DifferenceSums(
          from: Array(before[position * columns..<(position + 1) * columns]),
          to: Array(after[other * columns..<(other + 1) * columns])))
      count += columns
    }
    return DifferenceNorms(sums, count: count)
  }

  private func values(
    _ tensor: StoredTensor, _ form: KernelForm
  ) throws(AdapterError) -> [Double] {
    let bytes: [UInt8]
    do { bytes = try tensor.file.bytes(of: tensor.info) } catch { throw .tensor(error) }
    return Conversion.doubles(bytes, of: tensor.dtype, form: form)
  }
}
