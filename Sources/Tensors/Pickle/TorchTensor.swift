/// A storage as a pickle names it: a run of elements that tensors share.
struct TorchStorage: Hashable {
  /// The key under which the container keeps its bytes.
  let key: String
  /// The type its elements are counted in; nil where it counts bytes.
  let dtype: DType?
  /// The size of the whole storage.
  let byteCount: Int
  /// The part of it that tensors see, in bytes: all of it but for the views of legacy files.
  let visible: Range<Int>

  /// Takes what the persistent id says; nil where the numbers do not fit together.
  ///
  /// `view` is the part that is visible, in elements.
  init?(key: String, dtype: DType?, elementCount: Int, view: (offset: Int, count: Int)? = nil) {
    let width = (dtype?.bitWidth ?? 8) / 8
    let (byteCount, overflow) = elementCount.multipliedReportingOverflow(by: width)
    guard elementCount >= 0, !overflow else { return nil }
    let view = view ?? (0, elementCount)
    guard view.count >= 0, 0...elementCount ~= view.offset,
      view.count <= elementCount - view.offset
    else { return nil }
    self.key = key
    self.dtype = dtype
    self.byteCount = byteCount
    visible = view.offset * width..<(view.offset + view.count) * width
  }
}

/// A tensor as a pickle describes it: a window of a storage.
struct TorchTensor {
  /// Its storage, by its index in the `PickleHeap`.
  let storage: Int
  /// The first element, counted in elements of `dtype` from the start of the visible storage.
  let elementOffset: Int
  let dtype: DType
  let layout: StridedLayout
}
