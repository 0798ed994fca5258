public import Storage
public import Tensors

extension Repository {
  /// The registered bases by name.
  func bases() throws(HistoryError) -> [String: Base] {
    var bases: [String: Base] = [:]
    for (name, value) in try refs(below: RefName.prefixes.bases) {
      guard case .object(let id) = value else { continue }
      bases[name] = try read(Base.self, id)
    }
    return bases
  }

  func base(ofCheckpoint id: CheckpointID) throws(HistoryError) -> Base? {
    try bases().sorted { $0.key < $1.key }.first { $0.value.checkpoint == id }?.value
  }

  func baseFor(declared: String?) throws(HistoryError) -> Base? {
    guard let declared else { return nil }
    let last = declared.split(separator: "/").last.map(String.init)
    let matching = try bases().filter {
      $0.key == declared || $0.key == last || $0.value.source == declared
    }
    return matching.count == 1 ? matching.first?.value : nil
  }
}

extension Repository {
  /// The base registered under a name; throws `noSuchBase`.
  public func base(named name: String) throws(HistoryError) -> Base {
    let bases = try bases()
    guard let base = bases[name] else {
      throw .noSuchBase(name, nearMisses: Near.misses(of: name, among: bases.keys))
    }
    return base
  }

  /// The name under which a base is registered; nil where it is not.
  public func name(ofBase id: CheckpointID) throws(HistoryError) -> String? {
    try bases().sorted { $0.key < $1.key }.first { $0.value.checkpoint == id }?.key
  }

  /// What is staged at a path; nil where nothing is.
  public func stagedSnapshot(at path: TrackedPath) throws(HistoryError) -> Snapshot? {
    guard let id = try trees.snapshot(at: path, in: try stagedTree(try head())) else { return nil }
    return try read(Snapshot.self, id)
  }

  /// The branch that the head was on before the one it is on; throws where there was none.
  public func previousBranch() throws(HistoryError) -> RefName {
    do throws(StorageError) {
      for operation in try store.log.operations(moving: .head) {
        for update in operation.updates where update.name == .head {
          if case .symbolic(let name)? = update.old { return name }
        }
      }
    } catch { throw .storage(error) }
    throw .noSuchRef("branch before this one", nearMisses: [])
  }
}
