/// Carries out a pickle of tensors without Python: it builds data and can do nothing else.
///
/// Bounds: the stack, and the number of values that are kept (memo, lists, dictionaries, tuples),
/// so that memory grows with the file and not with the numbers written in it. Nothing is allocated
/// by an announced count that the bytes left do not cover.
struct PickleMachine {
  /// Values that may always be kept, however small the file.
  static let leastValueLimit = 1 << 17

  var heap = PickleHeap()
  var stack = PickleStack()
  private var memo: [Int: PickleValue] = [:]
  private var keptCount = 0
  private let valueLimit: Int

  /// `valueLimit`: the number of values that may be kept at once.
  init(valueLimit: Int) {
    self.valueLimit = valueLimit
  }

  /// Reads one pickle up to its STOP; the value it built.
  mutating func run(_ reader: inout PickleReader) throws(PickleError) -> PickleValue {
    while true {
      let byte = try reader.byte()
      guard let opcode = PickleOpcode(rawValue: byte) else {
        throw .broken(
          "has a pickle with the instruction 0x\(String(byte, radix: 16)), which no checkpoint needs"
        )
      }
      if opcode == .stop {
        return try stack.onlyValue()
      }
      try carryOut(opcode, &reader)
    }
  }

  private mutating func carryOut(
    _ opcode: PickleOpcode,
    _ reader: inout PickleReader
  ) throws(PickleError) {
    switch opcode {
    case .proto:
      guard 2...5 ~= (try reader.byte()) else { throw .broken("has a pickle of unknown protocol") }
    case .frame:
      // A hint for buffering; its length says nothing about the values.
      _ = try reader.bytes(8)
    case .stop: break
    case .mark: try stack.mark()
    case .none: try stack.push(.none)
    case .newTrue: try stack.push(.bool(true))
    case .newFalse: try stack.push(.bool(false))
    case .binInt: try stack.push(.int(Int(Int32(truncatingIfNeeded: try reader.unsigned(4)))))
    case .binInt1: try stack.push(.int(try reader.unsigned(1)))
    case .binInt2: try stack.push(.int(try reader.unsigned(2)))
    case .long1: try pushLong(try reader.bytes(try reader.unsigned(1)))
    case .long4: try pushLong(try reader.bytes(try reader.unsigned(4)))
    case .binFloat:
      let bits = try reader.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      try stack.push(.float(Double(bitPattern: bits)))
    case .shortBinUnicode: try pushString(try reader.text(try reader.unsigned(1)))
    case .binUnicode: try pushString(try reader.text(try reader.unsigned(4)))
    case .emptyTuple: try stack.push(heap.makeTuple([][...]))
    case .tuple1: try pushTuple(try stack.pop(1))
    case .tuple2: try pushTuple(try stack.pop(2))
    case .tuple3: try pushTuple(try stack.pop(3))
    case .tuple: try pushTuple(try stack.popToMark())
    case .emptyList:
      try keep(1)
      heap.lists.append([])
      try stack.push(.list(heap.lists.count - 1))
    case .emptyDict: try pushDictionary()
    case .append: try append(try stack.pop(1))
    case .appends: try append(try stack.popToMark())
    case .setItem: try setItems(try stack.pop(2))
    case .setItems: try setItems(try stack.popToMark())
    case .binPut: try remember(as: try reader.unsigned(1))
    case .longBinPut: try remember(as: try reader.unsigned(4))
    case .memoize: try remember(as: memo.count)
    case .binGet: try recall(try reader.unsigned(1))
    case .longBinGet: try recall(try reader.unsigned(4))
    case .global: try pushGlobal(module: try reader.line(), name: try reader.line())
    case .stackGlobal:
      guard let name = heap.string(try stack.pop()), let module = heap.string(try stack.pop())
      else {
        throw .broken("has a pickle that names a global by something other than strings")
      }
      try pushGlobal(module: module, name: name)
    case .reduce: try reduce()
    case .newObject: try makeObject()
    case .build: try build()
    case .binPersistentID: try pushStorage()
    }
  }

  /// Counts values that stay; refuses more than the file's size allows.
  mutating func keep(_ count: Int) throws(PickleError) {
    keptCount += count
    guard keptCount <= valueLimit else {
      throw .broken("has a pickle of more than \(valueLimit) values, too many for its size")
    }
  }

  private mutating func pushLong(_ bytes: [UInt8]) throws(PickleError) {
    guard bytes.count > 8 else {
      var value = bytes.last.map { $0 & 0x80 != 0 } == true ? -1 : 0
      for byte in bytes.reversed() { value = value << 8 | Int(byte) }
      return try stack.push(.int(value))
    }
    try stack.push(.wideInteger(isLegacyMagic: bytes == Self.legacyMagic))
  }

  /// 0x1950a86a20f9469cfc6c, the first thing in a legacy file.
  private static let legacyMagic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  private mutating func pushString(_ text: String) throws(PickleError) {
    try keep(1)
    heap.strings.append(text)
    try stack.push(.string(heap.strings.count - 1))
  }

  mutating func pushDictionary() throws(PickleError) {
    try keep(1)
    heap.dictionaries.append(PickleDictionary())
    try stack.push(.dictionary(heap.dictionaries.count - 1))
  }

  private mutating func pushTuple(_ elements: ArraySlice<PickleValue>) throws(PickleError) {
    try keep(elements.count + 1)
    try stack.push(heap.makeTuple(elements))
  }

  private mutating func append(_ elements: ArraySlice<PickleValue>) throws(PickleError) {
    guard case .list(let list) = try stack.top() else {
      throw .broken("has a pickle that appends to something other than a list")
    }
    try keep(elements.count)
    heap.lists[list] += elements
  }

  /// Keys and values take turns.
  private mutating func setItems(_ items: ArraySlice<PickleValue>) throws(PickleError) {
    guard case .dictionary(let dictionary) = try stack.top(), items.count.isMultiple(of: 2) else {
      throw .broken("has a pickle that sets items of something other than a dictionary")
    }
    try keep(items.count)
    for index in stride(from: items.startIndex, to: items.endIndex, by: 2) {
      let key = try key(items[index])
      guard heap.dictionaries[dictionary].insert(key, items[index + 1]) else {
        throw .broken("has a pickle with the key \(excerpt(key.text)) twice in one dictionary")
      }
    }
  }

  private func key(_ value: PickleValue) throws(PickleError) -> PickleKey {
    switch value {
    case .string(let index): return .string(heap.strings[index])
    case .int(let number): return .int(number)
    default: throw .broken("has a pickle with a key that is neither a string nor an integer")
    }
  }

  private mutating func remember(as index: Int) throws(PickleError) {
    let value = try stack.top()
    if memo.updateValue(value, forKey: index) == nil { try keep(1) }
  }

  private mutating func recall(_ index: Int) throws(PickleError) {
    guard let value = memo[index] else {
      throw .broken("has a pickle that recalls value \(index), which it has not stored")
    }
    try stack.push(value)
  }

  private mutating func pushGlobal(module: String, name: String) throws(PickleError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw .forbiddenGlobal(String("\(module).\(name)".unicodeScalars.prefix(200)))
    }
    try stack.push(.global(global))
  }
}
