import Digests
import Files
import Storage
import TestSupport
import Testing

@testable import History

/// Trees against dictionaries.
@Suite struct TreesTests {
  private let workshop: Workshop
  private var trees: Trees { workshop.repository.trees }

  init() throws { workshop = try Workshop() }

  /// Any id: trees do not look at what they name.
  private static func id(_ number: UInt64) -> ObjectID {
    StoredObject(
      kind: .snapshot, payload: (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    ).id
  }

  private func written(
    _ tree: ObjectID?, _ edits: [TrackedPath: ObjectID?]
  ) throws -> ObjectID {
    var id: ObjectID?
    try workshop.repository.change(workshop.act()) { transaction throws(HistoryError) in
      id = try trees.write(tree, setting: edits, in: transaction)
      return []
    }
    return try #require(id)
  }

  private func dictionary(_ tree: ObjectID?) throws -> [TrackedPath: ObjectID] {
    Dictionary(
      uniqueKeysWithValues: try trees.entries(of: tree).map { ($0.path, $0.snapshot) })
  }

  private static func path(_ number: Int) throws -> TrackedPath {
    try TrackedPath("run\(number % 7)/step-\(number)")
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `random edits give what a dictionary has, and one shape`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var twin: [TrackedPath: ObjectID] = [:]
    var tree: ObjectID?
    var earlier: [(ObjectID?, [TrackedPath: ObjectID])] = [(nil, [:])]
    // Up over both sizes at which nodes branch, and down again.
    let batches = Workshop.slow ? 60 : 16
    for batch in 0..<batches {
      let grows = batch < batches / 2
      var edits: [TrackedPath: ObjectID?] = [:]
      for _ in 0..<(generator.index(below: 4) == 0 ? 3 : 700) {
        let path = try Self.path(generator.index(below: 6000))
        let removes = generator.index(below: 10) < (grows ? 1 : 8)
        edits.updateValue(removes ? nil : Self.id(generator.next() % 5), forKey: path)
      }
      if !grows {
        for path in twin.keys.sorted().prefix(900) { edits.updateValue(nil, forKey: path) }
      }
      for (path, id) in edits { twin[path] = id }
      tree = try written(tree, edits)
      #expect(try dictionary(tree) == twin)
      #expect(try trees.count(of: tree) == twin.count)
      for path in edits.keys.sorted().prefix(20) {
        #expect(try trees.snapshot(at: path, in: tree) == twin[path])
      }
      // Written in one go, it is the same tree.
      #expect(try written(nil, twin.mapValues { $0 }) == tree)
      let (old, before) = earlier[generator.index(below: earlier.count)]
      let changes = try trees.changes(from: old, to: tree)
      let expected = Set(before.keys).union(twin.keys).filter { before[$0] != twin[$0] }.sorted()
      #expect(changes.map(\.path) == expected)
      #expect(changes.allSatisfy { $0.old == before[$0.path] && $0.new == twin[$0.path] })
      earlier.append((tree, twin))
    }
    #expect(earlier.map(\.1.count).max() ?? 0 > 1000)
    // Down to nothing.
    tree = try written(tree, twin.mapValues { _ in nil })
    #expect(try trees.count(of: tree) == 0)
    #expect(tree == (try written(nil, [:])))
  }

  @Test(arguments: [255, 256, 257, 4095, 4096, 4097, 5000])
  func `nodes branch above 256 entries and collapse again`(count: Int) throws {
    var entries: [TrackedPath: ObjectID] = [:]
    for number in 0..<count { entries[try Self.path(number)] = Self.id(UInt64(number)) }
    let tree = try written(nil, entries.mapValues { $0 })
    #expect(try dictionary(tree) == entries)
    if case .leaf = try trees.node(tree, depth: 0) {
      #expect(count <= 256)
    } else {
      #expect(count > 256)
    }
    // Without all but 256 it is one leaf, whatever it was before.
    var kept: [TrackedPath: ObjectID] = [:]
    for path in entries.keys.sorted().prefix(256) { kept[path] = entries[path] }
    let gone = entries.filter { kept[$0.key] == nil }.mapValues { _ in ObjectID?.none }
    let small = try written(tree, gone)
    #expect(try small == written(nil, kept.mapValues { $0 }))
    // One more entry and one less again give the same tree.
    let extra = try TrackedPath("extra")
    let more = try written(tree, [extra: Self.id(1)])
    #expect(try written(more, [extra: nil]) == tree)
  }

  @Test func `entries of a folder are those at and below it`() throws {
    let names = ["a", "a-b", "ab/c", "b/c", "b/c-d", "b/d/e", "b\u{301}/x"]
    var entries: [TrackedPath: ObjectID?] = [:]
    for name in names { entries[try TrackedPath(name)] = Self.id(1) }
    let tree = try written(nil, entries)
    func within(_ prefix: String) throws -> [String] {
      let paths = try trees.entries(of: tree, within: prefix).map(\.path)
      #expect(try trees.paths(of: tree, within: prefix) == paths)
      return paths.map(\.text)
    }
    #expect(try within("a") == ["a"])
    #expect(try within("b") == ["b/c", "b/c-d", "b/d/e"])
    #expect(try within("b/c") == ["b/c"])
    #expect(try within("").count == names.count)
  }

  @Test func `an entry below another one is refused`() throws {
    let (outer, inner) = (try TrackedPath("a/b"), try TrackedPath("a/b/c/d"))
    let tree = try written(nil, [outer: Self.id(1)])
    let below = try written(nil, [inner: Self.id(1)])
    for (start, edits) in [
      (tree, [inner: Self.id(2)]), (below, [outer: Self.id(2)]),
      (nil, [outer: Self.id(1), inner: Self.id(2)]),
    ] as [(ObjectID?, [TrackedPath: ObjectID?])] {
      #expect {
        try written(start, edits)
      } throws: { error in
        guard case HistoryError.nestedPaths(inner, within: outer) = error else { return false }
        return true
      }
    }
    // One takes the place of the other.
    #expect(try written(tree, [outer: nil, inner: Self.id(1)]) == below)
    #expect(try written(tree, [TrackedPath("a/b-c"): Self.id(1)]) != tree)
  }

  @Test(arguments: 1...40)
  func `paths find nesting as a comparison of all pairs does`(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    // Around the slash in the order of bytes, and with a letter that ASCII lacks in some rounds.
    let letters = ["a", "a-", "a.", "a0", "b"] + (seed.isMultiple(of: 4) ? ["\u{E9}"] : [])
    func path() throws -> TrackedPath {
      try TrackedPath(
        (0...generator.index(below: 3)).map { _ in letters[generator.index(below: letters.count)] }
          .joined(separator: "/"))
    }
    func isNested(_ paths: some Collection<TrackedPath>) -> Bool {
      paths.contains { inner in paths.contains { inner != $0 && inner.isWithin($0.text) } }
    }
    var outcomes: Set<Bool> = []
    for _ in 0..<60 {
      var before: Set<TrackedPath> = []
      for _ in 0..<generator.index(below: 6) {
        let path = try path()
        if !isNested(before.union([path])) { before.insert(path) }
      }
      var edits: [TrackedPath: ObjectID?] = [:]
      for path in before where generator.index(below: 4) == 0 {
        edits.updateValue(nil, forKey: path)
      }
      for _ in 0..<generator.index(below: 3) { edits[try path()] = Self.id(1) }
      let added = edits.filter { $0.value != nil }.keys.sorted()
      let after = before.subtracting(edits.keys).union(added)
      let paths = TreePaths(before).setting(edits)
      #expect(paths == TreePaths(after))
      #expect(TreePaths(text: paths.text) == paths)
      let expected = isNested(after)
      outcomes.insert(expected)
      for check in [paths.checkNesting, paths.checkNestingOfForms] {
        var found = false
        do throws(HistoryError) { try check(added) } catch {
          guard case .nestedPaths(let inner, let outer) = error else { throw error }
          found = after.contains(inner) && after.contains(outer) && inner.isWithin(outer.text)
        }
        #expect(found == expected, "\(after.sorted()), \(added)")
      }
    }
    #expect(outcomes.count == 2)
  }

  @Test(arguments: ["", "b\na\n", "a\na\n", "a\nb", "\n\n"])
  func `paths that are not in order are none`(text: String) {
    #expect((TreePaths(text: Array(text.utf8)) != nil) == text.isEmpty)
  }

  @Test func `kept paths are those of the tree, whatever became of the file`() throws {
    var entries: [TrackedPath: ObjectID?] = [:]
    for number in 0..<700 { entries[try Self.path(number)] = Self.id(UInt64(number)) }
    let first = try written(nil, entries)
    let file = workshop.repository.own("cache/paths")
    let kept = try FileReader.contents(of: file, limit: 1 << 20)
    // Of this tree, of another one, and of one that is gone.
    let second = try written(
      first, [Self.path(3): nil, TrackedPath("z"): Self.id(1), Self.path(9): Self.id(1)])
    for tree in [first, second, nil] {
      #expect(try trees.paths(of: tree) == TreePaths(dictionary(tree).keys))
    }
    let inner = try TrackedPath("run1/step-1/deeper")
    var bodies = [kept, [], Array(kept.dropLast()), Array("nonsense".utf8)]
    for position in stride(from: 0, to: kept.count, by: 97) {
      var damaged = kept
      damaged[position] ^= 1
      bodies.append(damaged)
    }
    // Sealed, and of a tree that is nowhere.
    let strange = Array(kept[..<8]) + Self.id(0).digest.bytes + Array("a\n".utf8)
    bodies.append(strange + BLAKE3.digest(of: strange).bytes)
    for bytes in bodies {
      try file.removeTree()
      try FileWriter(creating: file).write(bytes, at: 0)
      #expect(try trees.paths(of: second) == TreePaths(dictionary(second).keys))
      #expect(throws: HistoryError.self) { try written(second, [inner: Self.id(1)]) }
    }
    try file.removeTree()
    #expect(try written(second, [TrackedPath("z"): nil, Self.path(3): Self.id(3)]) != first)
    #expect(file.isFile)
  }

  @Test func `two forms of one name are refused, not joined`() throws {
    let edits = [try TrackedPath("\u{E9}"): Self.id(1), try TrackedPath("e\u{301}"): Self.id(2)]
    #expect(throws: HistoryError.self) { try written(nil, edits.mapValues { $0 }) }
  }

  @Test func `a tree that unfolds to more than it says is refused`() throws {
    let leaf = TreeNode.leaf(
      Dictionary(uniqueKeysWithValues: try (0..<20).map { (try Self.path($0), Self.id(1)) }))
    var node = leaf.object
    var objects = [node]
    // Each level names the one below it sixteen times: 16^70 entries, or an index out of bounds.
    for _ in 0..<70 {
      let child = TreeNode.Child(count: 20, tree: node.id)
      node = TreeNode.branch(Array(repeating: child, count: 16)).object
      objects.append(node)
    }
    try workshop.repository.change(workshop.act()) { transaction throws(HistoryError) in
      for object in objects {
        do throws(StorageError) {
          _ = try transaction.put(object)
        } catch { throw .storage(error) }
      }
      return []
    }
    let id = node.id
    #expect(throws: HistoryError.self) { try trees.entries(of: id) }
    #expect(throws: HistoryError.self) { try trees.changes(from: nil, to: id) }
    #expect(throws: HistoryError.self) { try trees.snapshot(at: Self.path(1), in: id) }
  }
}
