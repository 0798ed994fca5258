/// The named tensors in what a pickle built.
///
/// Dictionaries, lists and tuples are walked, names joined with dots, elements of a list named by
/// their index. A dictionary that holds nothing but one state dict under a customary key
/// (`{"state_dict": {…}, "epoch": 3}`) is taken for that state dict.
struct StateDict {
  /// A tensor, by its index in the heap.
  struct Entry {
    let name: TensorName
    let tensor: Int
  }

  private(set) var entries: [Entry] = []
  /// The names of the first values that are no tensors.
  private(set) var skipped: [String] = []
  private(set) var skippedCount = 0
  /// The keys that were taken away from the front of every name.
  private(set) var wrappers: [String] = []

  static let depthLimit = 16
  /// How many skipped names are kept for the note.
  static let noteLimit = 20
  private static let customaryWrappers: Set<String> = [
    "state_dict", "model_state_dict", "model", "module", "weights", "params", "lora",
  ]

  private let heap: PickleHeap
  private var visitsLeft: Int
  private var nameBytesLeft: Int

  /// Walks `value`; shared and recursive containers are visited at most `visitLimit` times in all.
  init(
    _ value: PickleValue,
    in heap: PickleHeap,
    visitLimit: Int,
    nameByteLimit: Int
  ) throws(PickleError) {
    self.heap = heap
    visitsLeft = visitLimit
    nameBytesLeft = nameByteLimit
    var root = value
    while let inner = try unwrapped(root) {
      wrappers.append(inner.key)
      root = inner.value
      guard wrappers.count < Self.depthLimit else { throw Self.tooDeep }
    }
    if case .tensor(let tensor) = root {
      entries = [Entry(name: "0", tensor: tensor)]
    } else {
      guard try hasParts(root) else {
        throw .broken("has a pickle that is neither a dictionary nor a list of tensors")
      }
      try walk(root, name: "", depth: 0)
    }
  }

  private static let tooDeep = PickleError.broken(
    "has a pickle with containers nested deeper than \(depthLimit)"
  )

  private func hasParts(_ value: PickleValue) throws(PickleError) -> Bool {
    switch value {
    case .dictionary, .list, .tuple: return true
    default: return false
    }
  }

  /// The one state dict in a dictionary without tensors of its own; nil where there is none or more
  /// than one.
  private mutating func unwrapped(
    _ value: PickleValue
  ) throws(PickleError) -> (key: String, value: PickleValue)? {
    var only: (key: String, value: PickleValue)?
    for (key, value) in heap.entries(of: value) ?? [] {
      guard try holdsTensors(value, depth: 0) else { continue }
      guard only == nil, case .dictionary = value, case .string(let key) = key,
        Self.customaryWrappers.contains(key)
      else { return nil }
      only = (key, value)
    }
    return only
  }

  private mutating func holdsTensors(_ value: PickleValue, depth: Int) throws(PickleError) -> Bool {
    try visit(depth)
    if case .tensor = value { return true }
    for (_, value) in heap.entries(of: value) ?? []
    where try holdsTensors(value, depth: depth + 1) { return true }
    for value in heap.elements(of: value) ?? []
    where try holdsTensors(value, depth: depth + 1) { return true }
    return false
  }

  private mutating func walk(
    _ value: PickleValue,
    name: String,
    depth: Int
  ) throws(PickleError) {
    try visit(depth)
    if let parts = heap.entries(of: value) {
      for (key, value) in parts {
        try walk(value, name: try joined(name, key.text), depth: depth + 1)
      }
    } else if let parts = heap.elements(of: value) {
      for (index, value) in parts.enumerated() {
        try walk(value, name: try joined(name, String(index)), depth: depth + 1)
      }
    } else if case .tensor(let tensor) = value {
      entries.append(Entry(name: TensorName(name), tensor: tensor))
    } else {
      skippedCount += 1
      if skipped.count < Self.noteLimit { skipped.append(name) }
    }
  }

  private mutating func visit(_ depth: Int) throws(PickleError) {
    visitsLeft -= 1
    guard visitsLeft >= 0 else { throw .broken("has a pickle that repeats its parts endlessly") }
    guard depth <= Self.depthLimit else { throw Self.tooDeep }
  }

  private mutating func joined(_ name: String, _ part: String) throws(PickleError) -> String {
    nameBytesLeft -= name.utf8.count + part.utf8.count + 1
    guard nameBytesLeft >= 0 else { throw .broken("has tensors with endless names") }
    return name.isEmpty ? part : name + "." + part
  }
}
