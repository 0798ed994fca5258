public import Storage

/// What a ref or a revision costs: all that it leads to, its history included.
public struct Cost: Hashable, Sendable {
  /// The ref's full name, or the revision as it was asked for.
  public let name: String
  /// The bytes of what is stored for it, each once, as they are outside of the store.
  public var byteCount = 0
  /// The bytes that this takes in packs.
  public var storedByteCount = 0
  /// The part of it that no other ref leads to: what deleting the ref would free, once gc has run.
  public var uniqueByteCount = 0

  /// The part of it that other refs lead to as well.
  public var sharedByteCount: Int { storedByteCount - uniqueByteCount }
}

/// What a repository costs.
public struct Costs: Sendable {
  /// The refs, or the revisions that were asked for.
  public internal(set) var refs: [Cost] = []
  /// The bytes of what refs lead to, each once, as they are outside of the store.
  public internal(set) var byteCount = 0
  /// The bytes that this takes in packs.
  public internal(set) var storedByteCount = 0
  /// Besides: the bytes of older chunks that stored differences need, and nothing else.
  public internal(set) var parentByteCount = 0
  /// The packs.
  public internal(set) var packs = PackedSize()

  /// The bytes of records that no ref needs. The log of 90 days may still need them; what it does not
  /// need gc takes away.
  public var garbageByteCount: Int {
    packs.byteCount - packs.frameByteCount - storedByteCount - parentByteCount
  }
}

extension Repository {
  /// What refs cost; with `revisions`, what those cost beside all refs.
  public func costs(of revisions: [String] = []) throws(HistoryError) -> Costs {
    var roots: [(name: RefName, id: ObjectID)] = []
    for (name, value) in try refs().sorted(by: { $0.key < $1.key }) {
      if case .object(let id) = value { roots.append((name, id)) }
    }
    var measuring = CostMeasuring(store)
    for root in roots { try measuring.count(root.id) }
    var costs = Costs()
    if revisions.isEmpty {
      for root in roots {
        costs.refs.append(try measuring.cost(of: root.id, named: root.name.text, isCounted: true))
      }
    }
    for revision in revisions {
      var name = try refName(revision)
      if name == .head, let branch = try head().branch { name = branch }
      let ref = roots.first { $0.name == name }
      var id = ref?.id
      if id == nil { id = try object(revision) }
      guard let id else { continue }
      costs.refs.append(
        try measuring.cost(
          of: id, named: ref?.name.text ?? revision,
          isCounted: ref != nil))
    }
    let all = try measuring.total()
    costs.byteCount = all.own.byteCount
    costs.storedByteCount = all.own.storedByteCount
    costs.parentByteCount = all.withParents.storedByteCount - all.own.storedByteCount
    do { costs.packs = try store.packedSize() } catch { throw .storage(error) }
    return costs
  }
}

/// Walks from objects through all they lead to, and remembers what it has read.
private struct CostMeasuring {
  private let store: ObjectStore
  private var references: [ObjectID: [Reference]] = [:]
  private var sizes: [Reference: StoredSize] = [:]
  /// How many refs lead to each.
  private var refCounts: [Reference: Int] = [:]

  init(_ store: ObjectStore) { self.store = store }

  /// Counts a ref to all that it leads to.
  mutating func count(_ root: ObjectID) throws(HistoryError) {
    for reference in try reached(from: root) { refCounts[reference, default: 0] += 1 }
  }

  /// What an object costs with all it leads to; whether it is one of the refs that were counted.
  mutating func cost(
    of root: ObjectID, named name: String, isCounted: Bool
  ) throws(HistoryError) -> Cost {
    var cost = Cost(name: name)
    for reference in try reached(from: root) {
      let size = try size(of: reference)
      cost.byteCount += size.byteCount
      cost.storedByteCount += size.storedByteCount
      if (refCounts[reference] ?? 0) == (isCounted ? 1 : 0) {
        cost.uniqueByteCount += size.storedByteCount
      }
    }
    return cost
  }

  /// What all refs cost together, without and with the chunks that differences are from.
  func total() throws(HistoryError) -> (own: StoredSize, withParents: StoredSize) {
    let all = Set(refCounts.keys)
    do {
      return (
        try store.storedSize(of: all), try store.storedSize(of: all, includingParents: true)
      )
    } catch { throw .storage(error) }
  }

  private mutating func reached(from root: ObjectID) throws(HistoryError) -> Set<Reference> {
    var reached: Set<Reference> = [.object(root)]
    var waiting = [root]
    while let id = waiting.popLast() {
      for reference in try references(of: id) where reached.insert(reference).inserted {
        if case .object(let id) = reference { waiting.append(id) }
      }
    }
    return reached
  }

  private mutating func references(of id: ObjectID) throws(HistoryError) -> [Reference] {
    if let known = references[id] { return known }
    do {
      let found = try HistoryReferences.of(try store.object(id))
      references[id] = found
      return found
    } catch { throw .storage(error) }
  }

  private mutating func size(of reference: Reference) throws(HistoryError) -> StoredSize {
    if let known = sizes[reference] { return known }
    do {
      let size = try store.storedSize(of: [reference])
      sizes[reference] = size
      return size
    } catch { throw .storage(error) }
  }
}
