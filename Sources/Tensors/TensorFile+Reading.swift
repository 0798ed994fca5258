internal import Files

extension TensorFile {
  /// The elements of one tensor of this file, in C order, little-endian.
  ///
  /// A strided tensor is read as the one run that spans its elements and gathered from there: memory
  /// is that run and the result, each no larger than the tensor's storage.
  public func bytes(of tensor: TensorInfo) throws(TensorError) -> [UInt8] {
    let layout = tensor.strides.flatMap { StridedLayout(shape: tensor.shape, strides: $0) }
    guard let layout else {
      return try bytes(at: tensor.byteOffset, count: tensor.byteCount)
    }
    let width = tensor.dtype.bitWidth / 8
    let span = try bytes(at: tensor.byteOffset, count: layout.spanElementCount * width)
    return layout.gathered(from: span, width: width)
  }

  private func bytes(at offset: Int, count: Int) throws(TensorError) -> [UInt8] {
    do { return try reader.bytes(at: offset, count: count) } catch { throw .file(error) }
  }
}
