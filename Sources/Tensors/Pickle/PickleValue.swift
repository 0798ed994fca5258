/// What a pickle builds: plain data. Whatever has parts is an index into the `PickleHeap`, so that a
/// value is small, copying it is free and no nesting can exhaust the call stack.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  /// An integer of more than eight bytes, of which only one is known.
  case wideInteger(isLegacyMagic: Bool)
  case float(Double)
  case string(Int)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)
}

/// A key of a Python dictionary.
enum PickleKey: Hashable {
  case string(String)
  case int(Int)

  var text: String {
    switch self {
    case .string(let text): return text
    case .int(let number): return String(number)
    }
  }
}

/// A Python dictionary, entries in the order they were set.
struct PickleDictionary {
  private(set) var entries: [(key: PickleKey, value: PickleValue)] = []
  private var keys: Set<PickleKey> = []

  /// Adds an entry; false where the key is there already.
  mutating func insert(_ key: PickleKey, _ value: PickleValue) -> Bool {
    guard keys.insert(key).inserted else { return false }
    entries.append((key, value))
    return true
  }
}

/// The parts of everything one pickle builds.
struct PickleHeap {
  var strings: [String] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [PickleDictionary] = []
  var storages: [TorchStorage] = []
  var tensors: [TorchTensor] = []
  /// The elements of all tuples, one after the other.
  private var tupleElements: [PickleValue] = []
  private var tupleRanges: [Range<Int>] = []

  mutating func makeTuple(_ elements: ArraySlice<PickleValue>) -> PickleValue {
    tupleRanges.append(tupleElements.count..<tupleElements.count + elements.count)
    tupleElements += elements
    return .tuple(tupleRanges.count - 1)
  }

  /// The elements of a tuple or a list; nil for anything else.
  func elements(of value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let index): return Array(tupleElements[tupleRanges[index]])
    case .list(let index): return lists[index]
    default: return nil
    }
  }

  /// The entries of a dictionary; nil for anything else.
  func entries(of value: PickleValue) -> [(key: PickleKey, value: PickleValue)]? {
    guard case .dictionary(let index) = value else { return nil }
    return dictionaries[index].entries
  }

  /// The string; nil for anything else.
  func string(_ value: PickleValue) -> String? {
    guard case .string(let index) = value else { return nil }
    return strings[index]
  }

  /// A tuple of integers that are not negative; nil for anything else.
  func extents(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let index) = value else { return nil }
    var extents: [Int] = []
    for element in tupleElements[tupleRanges[index]] {
      guard case .int(let extent) = element, extent >= 0 else { return nil }
      extents.append(extent)
    }
    return extents
  }
}
