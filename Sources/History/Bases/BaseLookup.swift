public import Files
internal import Storage
public import Tensors

extension Repository {
  /// The registered bases by name.
  public func bases() throws(HistoryError) -> [String: Base] {
    var bases: [String: Base] = [:]
    for (name, value) in try refs(below: RefName.prefixes.bases) {
      guard case .object(let id) = value else { continue }
      bases[name] = try read(Base.self, id)
    }
    return bases
  }

  /// The base that is registered under a name; throws `noSuchBase` with the names that come close.
  public func base(named name: String) throws(HistoryError) -> Base {
    guard let ref = try? RefName.base(name), let id = try resolve(ref) else {
      let names = try refs(below: RefName.prefixes.bases).keys
      throw .noSuchBase(name, nearMisses: Near.misses(of: name, among: names))
    }
    return try read(Base.self, id)
  }

  /// The registered base that has these tensors; nil where none has.
  public func base(ofCheckpoint id: CheckpointID) throws(HistoryError) -> Base? {
    try bases().sorted { $0.key < $1.key }.first { $0.value.checkpoint == id }?.value
  }

  /// The name under which a base is registered, the first of several; nil where it is not.
  public func name(ofBase id: CheckpointID) throws(HistoryError) -> String? {
    try baseNames(ofCheckpoint: id).first
  }

  /// The names that a base with these tensors is registered under, sorted.
  public func baseNames(ofCheckpoint id: CheckpointID) throws(HistoryError) -> [String] {
    try bases().filter { $0.value.checkpoint == id }.keys.sorted()
  }

  /// The registered base that an adapter means which says what it was trained on
  /// (`base_model_name_or_path`): the one whose name or source that is, or its last component. nil
  /// where there is none, or several with different tensors.
  public func baseFor(declared: String?) throws(HistoryError) -> Base? {
    guard let declared, !declared.isEmpty else { return nil }
    let last = declared.split(separator: "/").last.map(String.init)
    let matching = try bases().filter {
      $0.key == declared || $0.key == last || $0.value.source == declared
    }.sorted { $0.key < $1.key }.map(\.value)
    return Set(matching.map(\.checkpoint)).count == 1 ? matching.first : nil
  }

  /// Where a registered base was when it was added; nil where that is not known here.
  public func basePath(named name: String) throws(HistoryError) -> Path? {
    try configuration()[Self.pathKey(name)].map { Path($0) }
  }

  /// The setting that remembers where a base is.
  static func pathKey(_ name: String) -> String { "base.\(name).path" }
}
