import Digests
import Files
import TestSupport
import Testing

@testable import Storage

/// A log whose entries are damaged, with and without a copy of it.
@Suite struct LogRepairTests {
  /// Five steps on branches of their own, and a tag that moves with the last.
  static func settled() throws -> MemoryFiles {
    let files = try RepairTests.settled()
    let store = try ObjectStore(opening: Sample.root, files: files)
    let four = try #require(try store.log.value(of: RepairTests.branch(4)))
    _ = try store.begin(at: Sample.now).commit(
      [
        RefUpdate(
          RepairTests.branch(1), from: try store.log.value(of: RepairTests.branch(1)), to: four)
      ],
      at: Sample.now)
    return files.afterwards(.none)
  }

  static let damages: [@Sendable ([UInt8]) -> [UInt8]?] = [
    { bytes in
      var damaged = bytes
      damaged[bytes.count / 3] ^= 4
      return damaged
    },
    { Array($0.dropLast(70)) }, { _ in [] }, { Array(repeating: 0, count: $0.count) },
  ]

  static func operation(_ number: Int) -> Path {
    StorePaths(root: Sample.root).operation(number)
  }

  static func refs(_ files: MemoryFiles) throws -> [RefName: RefValue] {
    try ObjectStore(opening: Sample.root, files: files).log.refs()
  }

  static func isClean(_ files: MemoryFiles) throws -> Bool {
    try ObjectStore(opening: Sample.root, files: files).verify(.full).allSatisfy(\.isHarmless)
  }

  @Test(arguments: 1...6)
  func `an entry comes back from a copy, byte for byte`(number: Int) throws {
    let intact = try Self.settled()
    for damage in Self.damages {
      let files = intact.afterwards(.none)
      let path = Self.operation(number)
      files[path] = damage(try #require(files[path]))
      #expect(throws: StorageError.self) { try Self.refs(files) }
      let report = try RepairTests.repair(files, from: [try RepairTests.empty(), intact])
      #expect(report.restoredOperations == [number] && report.lostOperations.isEmpty)
      #expect(files[path] == intact[path])
      #expect(try Self.refs(files) == Self.refs(intact) && Self.isClean(files))
      #expect(files.fileNames.contains { $0.hasPrefix("/store/quarantine/") })
      #expect(try RepairTests.repair(files, from: [intact]).isEmpty)
    }
  }

  @Test func `a missing entry and a run of damaged ones come back`() throws {
    let intact = try Self.settled()
    let files = intact.afterwards(.none)
    files[Self.operation(2)] = nil
    files[Self.operation(3)] = [1, 2, 3]
    files[Self.operation(5)]?[9] ^= 1
    #expect(try RepairTests.repair(files, from: [intact]).restoredOperations == [2, 3, 5])
    #expect(try Self.refs(files) == Self.refs(intact) && Self.isClean(files))
  }

  @Test func `entries of another log are refused`() throws {
    let intact = try Self.settled()
    let files = intact.afterwards(.none)
    files[Self.operation(3)]?[40] ^= 1
    let other = MemoryFiles()
    let store = try ObjectStore.create(at: Sample.root, files: other)
    for step in 1...6 { try Sample.commit(step: step, to: RepairTests.branch(7), in: store) }
    let report = try RepairTests.repair(files, from: [other])
    #expect(report.restoredOperations.isEmpty && report.lostOperations == [3])
  }

  @Test(arguments: 1...6)
  func `without a copy the log starts anew with what the others tell`(number: Int) throws {
    let intact = try Self.settled()
    let files = intact.afterwards(.none)
    files[Self.operation(number)]?[40] ^= 1
    let report = try RepairTests.repair(files)
    #expect(report.lostOperations == [number] && report.restoredOperations.isEmpty)
    // Each entry moves one branch; the first moved back in the last entry.
    var expected = try Self.refs(intact)
    switch number {
    case 1: break
    case 6:
      expected[RepairTests.branch(1)] = try Self.value(of: RepairTests.branch(1), after: 1, intact)
    default: expected[RepairTests.branch(number)] = nil
    }
    #expect(try Self.refs(files) == expected && Self.isClean(files))
    // It goes on from there, and gc clears away what is before.
    let store = try ObjectStore(opening: Sample.root, files: files)
    try Sample.commit(step: 6, to: RepairTests.branch(6), in: store)
    #expect(try store.log.operations(limit: 100).first?.sequence == 8)
    #expect(store.verify(.full).isEmpty && files[Self.operation(number)] == nil)
    #expect(try RepairTests.repair(files).isEmpty)
    #expect(try store.log.operations(limit: 100).map(\.sequence) == [8, 7])
  }

  @Test func `a log that was started anew can be damaged again`() throws {
    let intact = try Self.settled()
    let files = intact.afterwards(.none)
    files[Self.operation(3)] = nil
    #expect(try RepairTests.repair(files).hasRestartedLog)
    let store = try ObjectStore(opening: Sample.root, files: files)
    try Sample.commit(step: 6, to: RepairTests.branch(6), in: store)
    let refs = try Self.refs(files)
    // The entry that the base names, the base itself, and both at once: the readable rest tells.
    for paths in [[Self.operation(7)], [store.paths.base(7)]] {
      let again = files.afterwards(.none)
      for path in paths { again[path]?[40] ^= 1 }
      #expect(try RepairTests.repair(again).hasRestartedLog)
      let told = try Self.refs(again)
      #expect(paths[0].name.hasSuffix(".op") ? told == refs : told.count == 1)
      #expect(try Self.isClean(again))
    }
    files[Self.operation(7)] = nil
    #expect(try RepairTests.repair(files).lostOperations == [7])
    #expect(try Self.refs(files) == refs && Self.isClean(files))
  }

  @Test(arguments: [1, 2, 6])
  func `last entries that are gone come back from a copy`(count: Int) throws {
    let intact = try Self.settled()
    let files = intact.afterwards(.none)
    for number in (7 - count)...6 { files[Self.operation(number)] = nil }
    let report = try RepairTests.repair(files, from: [try RepairTests.empty(), intact])
    // The last one brought no pack: alone, nothing tells that it was done here.
    #expect(report.restoredOperations == (count == 1 ? [] : Array((7 - count)...6)))
    #expect(try Self.refs(files) == Self.refs(count == 1 ? files : intact))
    #expect(try Self.isClean(files) && RepairTests.repair(files, from: [intact]).isEmpty)
  }

  @Test func `what was done in a copy alone stays there`() throws {
    let files = try Self.settled()
    let copy = files.afterwards(.none)
    try Sample.commit(
      step: 9, to: RepairTests.branch(9), in: try ObjectStore(opening: Sample.root, files: copy))
    #expect(try RepairTests.repair(files, from: [copy]).isEmpty)
  }

  @Test func `a log that is gone with its folder comes back from a copy`() throws {
    let files = try LogExpiryTests.store()
    _ = try LogExpiryTests.collect(ObjectStore(opening: Sample.root, files: files), on: 190)
    let refs = try Self.refs(files)
    let intact = files.afterwards(.none)
    for name in files.fileNames where name.hasPrefix("/store/log/") { files[Path(name)] = nil }
    #expect(throws: StorageError.self) {
      try ObjectStore(opening: Sample.root, files: files).requireLog()
    }
    #expect(throws: StorageError.self) { try ObjectStore.create(at: Sample.root, files: files) }
    #expect(try RepairTests.repair(files, from: [intact]).restoredOperations.first == 64)
    #expect(try Self.refs(files) == refs && Self.isClean(files))
    let other = try Self.settled()
    let whole = other.afterwards(.none)
    for name in other.fileNames where name.hasPrefix("/store/log/") { other[Path(name)] = nil }
    #expect(
      try RepairTests.repair(other, from: [intact, whole]).restoredOperations == Array(1...6))
    #expect(try Self.refs(other) == Self.refs(whole) && Self.isClean(other))
  }

  private static func value(
    of name: RefName, after number: Int, _ files: MemoryFiles
  ) throws -> RefValue? {
    try ObjectStore(opening: Sample.root, files: files).log.operation(number).updates.first {
      $0.name == name
    }?.new
  }

  @Test func `a damaged start of the log is no end of it`() throws {
    let files = try LogExpiryTests.store()
    let store = try ObjectStore(opening: Sample.root, files: files)
    _ = try LogExpiryTests.collect(store, on: 190)
    let refs = try store.log.refs()
    let intact = files.afterwards(.none)
    // The first entry, which the base names.
    files[Self.operation(64)]?[40] ^= 1
    #expect(try RepairTests.repair(files, from: [intact]).restoredOperations == [64])
    #expect(try Self.refs(files) == refs && Self.isClean(files))
    // The base itself: a checkpoint tells its refs.
    files[store.paths.base(64)]?[40] ^= 1
    _ = try RepairTests.repair(files)
    #expect(try Self.refs(files) == refs && Self.isClean(files))
  }

  @Test(arguments: [true, false])
  func `a kill or power cut at any change keeps what was sound`(hasCopy: Bool) throws {
    let intact = try Self.settled()
    let damaged = intact.afterwards(.none)
    for number in [2, 3] { damaged[Self.operation(number)]?[40] ^= 1 }
    let others = hasCopy ? [intact] : []
    let whole = damaged.afterwards(.none)
    _ = try RepairTests.repair(whole, from: others)
    let expected = try Self.refs(whole)
    var change = 0
    while true {
      let files = damaged.afterwards(.none)
      files.setFault(.kill, at: change)
      _ = try? RepairTests.repair(files, from: others)
      let isEnd = files.changes.count <= change
      for cut in MemoryFiles.PowerCut.allCases {
        let after = files.afterwards(cut, seed: UInt64(change + 1))
        _ = try RepairTests.repair(after, from: others)
        #expect(try Self.refs(after) == expected && Self.isClean(after), "\(cut) \(change)")
      }
      if isEnd { break }
      change += 1
    }
    #expect(change > 5)
  }

  @Test func `what cannot be read for the moment is not damaged`() throws {
    let files = try Self.settled()
    let names = files.fileNames
    let store = try ObjectStore(opening: Sample.root, files: UnreadableLog(files))
    #expect(throws: StorageError.self) { try store.repair(at: Sample.now) }
    #expect(files.fileNames == names)
  }
}

/// Files whose third operation cannot be opened, as with a disk that fails for a while.
private final class UnreadableLog: StoreFiles {
  private let files: MemoryFiles

  init(_ files: MemoryFiles) { self.files = files }

  func names(in directory: Path) throws(FileError) -> [String] { try files.names(in: directory) }
  func open(_ path: Path) throws(FileError) -> any StoreFileReading {
    if path.name.hasSuffix("3.op") { throw .failed(path, operation: "read", errno: 5) }
    return try files.open(path)
  }
  func createDirectory(_ path: Path) throws(FileError) { try files.createDirectory(path) }
  func create(_ path: Path) throws(FileError) -> any StoreFileWriting { try files.create(path) }
  func link(_ path: Path, as other: Path) throws(FileError) { try files.link(path, as: other) }
  func rename(_ path: Path, over other: Path) throws(FileError) {
    try files.rename(path, over: other)
  }
  func remove(_ path: Path) throws(FileError) { try files.remove(path) }
  func syncNames(in directory: Path) throws(FileError) { try files.syncNames(in: directory) }
  func lock(_ path: Path, exclusive: Bool) throws(FileError) -> (any Sendable)? {
    try files.lock(path, exclusive: exclusive)
  }
}
