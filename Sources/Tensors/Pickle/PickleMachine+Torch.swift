// What the allowed globals build. The signatures are those of `torch/_utils.py` and
// `torch/serialization.py` of PyTorch 2.

extension PickleMachine {
  /// REDUCE: the call of a global with a tuple of arguments.
  mutating func reduce() throws(PickleError) {
    guard let arguments = heap.elements(of: try stack.pop()),
      case .global(let global) = try stack.pop()
    else {
      throw .broken("has a pickle that calls something other than a global")
    }
    switch global {
    case .orderedDict:
      guard arguments.isEmpty else {
        throw .broken("has a pickle that makes an OrderedDict from arguments")
      }
      try pushDictionary()
    case .rebuildTensorV2 where 6...7 ~= arguments.count:
      try pushTensor(arguments, dtype: nil, metadata: arguments.dropFirst(6).first)
    case .rebuildTensorV3 where 7...8 ~= arguments.count:
      guard case .global(.dtype(let dtype)) = arguments[6], let dtype else {
        throw .broken("has a pickle with a tensor of unknown dtype")
      }
      try pushTensor(arguments, dtype: dtype, metadata: arguments.dropFirst(7).first)
    case .rebuildParameter where arguments.count == 3: try pushParameter(of: arguments)
    case .parameter where 1...2 ~= arguments.count: try pushParameter(of: arguments)
    case .size where arguments.count == 1:
      guard case .tuple = arguments[0] else { fallthrough }
      try stack.push(arguments[0])
    default: throw .broken("has a pickle that calls a global with the wrong arguments")
    }
  }

  /// NEWOBJ: `Parameter(tensor)`, as old files have it.
  mutating func makeObject() throws(PickleError) {
    guard let arguments = heap.elements(of: try stack.pop()),
      case .global(.parameter) = try stack.pop(),
      1...2 ~= arguments.count
    else { throw .broken("has a pickle that makes an object which no checkpoint needs") }
    try pushParameter(of: arguments)
  }

  /// BUILD: the attributes of a dictionary (`_metadata` of a state dict), which are dropped.
  mutating func build() throws(PickleError) {
    _ = try stack.pop()
    guard case .dictionary = try stack.top() else {
      throw .broken("has a pickle that sets attributes of something other than an OrderedDict")
    }
  }

  /// BINPERSID: `("storage", class, key, location, element count)`; legacy files add a view,
  /// `(key, offset, count)` or None.
  mutating func pushStorage() throws(PickleError) {
    let malformed = PickleError.broken("has a pickle with a malformed storage")
    guard let id = heap.elements(of: try stack.pop()), 5...6 ~= id.count,
      heap.string(id[0]) == "storage", case .global(.storage(let dtype)) = id[1],
      let key = heap.string(id[2]), case .int(let elementCount) = id[4]
    else { throw malformed }
    var view: (offset: Int, count: Int)?
    if id.count == 6, let parts = heap.elements(of: id[5]) {
      guard parts.count == 3, case .int(let offset) = parts[1], case .int(let count) = parts[2]
      else { throw malformed }
      view = (offset, count)
    } else if id.count == 6 {
      guard case .none = id[5] else { throw malformed }
    }
    guard
      let storage = TorchStorage(key: key, dtype: dtype, elementCount: elementCount, view: view)
    else { throw malformed }
    try keep(1)
    heap.storages.append(storage)
    try stack.push(.storage(heap.storages.count - 1))
  }

  /// Arguments: storage, offset, size, stride, requires_grad, hooks, then what the caller took.
  private mutating func pushTensor(
    _ arguments: [PickleValue],
    dtype: DType?,
    metadata: PickleValue?
  ) throws(PickleError) {
    guard case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1],
      offset >= 0, let extents = heap.extents(arguments[2]), let shape = Shape(extents),
      let strides = heap.extents(arguments[3]),
      let layout = StridedLayout(shape: shape, strides: strides)
    else { throw .broken("has a pickle with a malformed tensor") }
    guard let dtype = dtype ?? heap.storages[storage].dtype else {
      throw .broken("has a pickle with a tensor without dtype")
    }
    // Says that the elements are conjugated or negated on reading.
    if let metadata, let flags = heap.entries(of: metadata), !flags.isEmpty {
      throw .broken("has a tensor whose elements are conjugated or negated on reading")
    }
    try keep(1 + extents.count)
    heap.tensors.append(
      TorchTensor(storage: storage, elementOffset: offset, dtype: dtype, layout: layout)
    )
    try stack.push(.tensor(heap.tensors.count - 1))
  }

  private mutating func pushParameter(of arguments: [PickleValue]) throws(PickleError) {
    guard case .tensor = arguments[0] else {
      throw .broken("has a pickle with a parameter that is no tensor")
    }
    try stack.push(arguments[0])
  }
}
