internal import Tensors

extension TensorUpdate {
  /// The same update with its delta rounded to a narrower type before it is added.
  func roundingDelta(to dtype: DType) -> TensorUpdate {
    TensorUpdate(
      addition: addition, gains: gains, rotation: rotation, replacement: replacement, rows: rows,
      deltaRounding: dtype)
  }
}
