internal import Compute
internal import Digests
internal import Files
public import Tensors

/// The decomposition of one weight of a base: its singular values, and its left singular vectors, which
/// look for intruders in every fine-tune of it.
///
/// Vectors are rounded to Float, here and in what is kept, so that it makes no difference whether they
/// were kept: a cosine of two is right to 2⁻²⁴ of itself and more.
struct BaseDecomposition: Sendable {
  /// All singular values, descending.
  let values: [Double]
  /// U, `[out, min(out, in)]`, one vector a column.
  let left: Matrix

  /// Decomposes a weight `[out, in]`, whole.
  init(of weight: Matrix) throws(ComputeError) {
    values = try WholeSpectrum(of: weight).values
    left = try WholeSpectrum.leading(min(weight.rows, weight.columns), of: weight).left.rounded
  }

  /// The bytes that are kept under a tensor's id:
  ///
  ///     8 bytes   "adctl-u1"
  ///     32 bytes  the tensor's id
  ///     u64le     1 where the tensor is stored [in, out], else 0
  ///     u64le     rows and columns of U
  ///     f64le     the singular values, as many as columns
  ///     f32le     U, row by row
  ///     32 bytes  BLAKE3 of what comes before
  func bytes(for tensor: TensorID, isTurned: Bool) -> [UInt8] {
    var head = CanonicalBytes()
    head.append(Self.magic)
    head.append(tensor.digest)
    for number in [isTurned ? 1 : 0, left.rows, left.columns] { head.append(UInt64(number)) }
    var bytes = head.bytes
    bytes.reserveCapacity(
      head.bytes.count + 8 * values.count + 4 * left.elements.count + Digest.byteCount)
    bytes += Conversion.bytes(values, as: .f64, form: .best)
    bytes += Conversion.bytes(left.elements, as: .f32, form: .best)
    return bytes + BLAKE3.digest(of: bytes).bytes
  }

  /// Takes back what was kept of a tensor of these extents `[out, in]`; nil where it is anything else:
  /// of another version or tensor, cut short, or damaged.
  init?(_ bytes: [UInt8], of tensor: TensorID, isTurned: Bool, extents: (rows: Int, columns: Int)) {
    let count = min(extents.rows, extents.columns)
    var head = CanonicalBytes()
    head.append(Self.magic)
    head.append(tensor.digest)
    for number in [isTurned ? 1 : 0, extents.rows, count] { head.append(UInt64(number)) }
    let values = head.bytes.count..<head.bytes.count + 8 * count
    let vectors = values.upperBound..<values.upperBound + 4 * extents.rows * count
    guard bytes.count == vectors.upperBound + Digest.byteCount, bytes.starts(with: head.bytes),
      BLAKE3.digest(of: bytes.span.extracting(first: vectors.upperBound)).bytes
        == Array(bytes[vectors.upperBound...])
    else { return nil }
    self.values = Conversion.doubles(Array(bytes[values]), of: .f64, form: .best)
    left = Matrix(
      rows: extents.rows, columns: count,
      elements: Conversion.floats(Array(bytes[vectors]), of: .f32, form: .best))
  }

  private static let magic = "adctl-u1"
}

/// Where decompositions of a base's weights are kept from one command to the next, by the content ids
/// of the weights: they are the same for every fine-tune, and what takes longest.
public struct DecompositionStore: Sendable {
  /// What is kept of a tensor, as it was given; nil where nothing is. It is checked by whoever asks.
  public let find: @Sendable (TensorID) -> [UInt8]?
  /// Keeps bytes of a tensor, if there is room.
  public let keep: @Sendable (TensorID, [UInt8]) -> Void

  /// A place that gives back what it was given, or nothing.
  public init(
    find: @escaping @Sendable (TensorID) -> [UInt8]?,
    keep: @escaping @Sendable (TensorID, [UInt8]) -> Void
  ) {
    self.find = find
    self.keep = keep
  }
}

extension TunedTensor {
  /// The decomposition of the base's weight, kept or computed. `weight` reads it as `[out, in]`.
  func baseDecomposition(
    isTurned: Bool, keptIn store: DecompositionStore?,
    of weight: () throws(AdapterError) -> Matrix
  ) throws(AdapterError) -> BaseDecomposition {
    let (rows, columns) = base.shape.matrix
    let extents = isTurned ? (columns, rows) : (rows, columns)
    let id = try store.map { _ throws(AdapterError) in try TensorDigests.id(of: base) }
    if let store, let id, let bytes = store.find(id),
      let kept = BaseDecomposition(bytes, of: id, isTurned: isTurned, extents: extents)
    {
      return kept
    }
    let decomposition: BaseDecomposition
    do { decomposition = try BaseDecomposition(of: try weight()) } catch let error as ComputeError {
      throw .notComputable(base.file.reader.path, name, error)
    } catch let error as AdapterError {
      throw error
    } catch { preconditionFailure("decomposing throws these two errors only") }
    // What was read after the id was taken may be of another file that came in its place.
    if let store, let id, (try? base.file.reader.stamp()) == base.file.reader.stampWhenOpened {
      store.keep(id, decomposition.bytes(for: id, isTurned: isTurned))
    }
    return decomposition
  }
}
