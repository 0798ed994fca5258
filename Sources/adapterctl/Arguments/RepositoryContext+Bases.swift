internal import Adapters
internal import Files
internal import History

extension RepositoryContext {
  /// What is known of files that have not changed since they were hashed.
  func digestCache(distrusted: Bool = false) -> DigestCache {
    DigestCache(repository, now: Clock.ofSystem, distrusted: distrusted)
  }

  /// Where decompositions of a base's weights are kept. The setting `cache.decompositions` is the most
  /// that they may take, 0 for none.
  func decompositions() throws -> DecompositionStore {
    let setting: String?
    do { setting = try repository.configuration()[Self.cacheKey] } catch { throw Failure(error) }
    guard let setting else { return DecompositionCache(repository).decompositions }
    return DecompositionCache(repository, limit: try Self.cacheLimit(setting)).decompositions
  }

  /// The setting of how much room decompositions may take.
  static let cacheKey = "cache.decompositions"

  /// The bytes that a value of it means.
  static func cacheLimit(_ setting: String) throws -> Int {
    guard let limit = setting == "0" ? 0 : ByteCount(argument: setting)?.byteCount else {
      throw Failure(
        .usage, "setting", "The setting \(cacheKey) is \"\(setting)\", which is no size.",
        hint: "set it with: adapterctl config \(cacheKey) 20GB")
    }
    return limit
  }

  /// A path from the root as the user would write it: relative where it lies in the current
  /// directory.
  func shown(_ path: Path) -> Path {
    let here = Path(".").resolved.text
    let prefix = here.hasSuffix("/") ? here : here + "/"
    return path.text.hasPrefix(prefix) ? Path(String(path.text.dropFirst(prefix.count))) : path
  }

  /// Warns of an adapter whose base nobody named and no registered name or source tells: merging it
  /// cannot be held to a base.
  func warnOfUnknownBase(_ path: TrackedPath, _ snapshot: Snapshot?) throws {
    guard let snapshot, snapshot.hasUnknownBase else { return }
    let named = snapshot.declaredBase.map { "its configuration names \($0), and " } ?? ""
    let names: [String]
    do { names = try repository.bases().keys.sorted() } catch { throw Failure(error) }
    let known =
      names.isEmpty ? "no base is registered" : "registered: \(names.joined(separator: ", "))"
    let first = names.isEmpty ? "Register one with: adapterctl base add DIRECTORY. " : ""
    warn(
      "The base of \(path) is unknown (\(named)\(known)). \(first)Name it with: adapterctl add "
        + "\(path) --base NAME.")
  }
}
