internal import Adapters
internal import ArgumentParser
internal import Files
internal import History
internal import Tensors

/// An adapter on the command line: a path or `REV:PATH`, with `=WEIGHT` behind it in commands that
/// take several.
///
/// It is read only when it is opened: what exists depends on the directory of `-C`.
struct AdapterOperand: ExpressibleByArgument, Sendable {
  private let text: String

  static var defaultCompletionKind: CompletionKind { .file() }

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    text = argument
  }

  /// An opened adapter, and what the repository knows of it.
  struct Opened {
    let weighted: WeightedAdapter
    /// Its name as the user wrote it, without the weight.
    let name: String
    /// The operand, where it was read from the repository.
    let stored: StoredOperand?
    /// The snapshot it has in the repository, where it is tracked.
    let snapshot: Snapshot?
  }

  /// What the user wrote, for commands in which an adapter has no weight.
  var plainText: String { text }

  /// Opens the adapter.
  func open() throws -> WeightedAdapter { try opened().weighted }

  /// Opens the adapter, and says where it is from.
  func opened() throws -> Opened {
    let (name, weight) = try reading()
    // A tracked path with such a name wins over the reading as a weight, like one on the disk.
    if name != text, let stored = try? StoredOperand(text) {
      return try Self.opened(stored, text, weight: 1)
    }
    if let stored = try StoredOperand(name) {
      return try Self.opened(stored, name, weight: weight)
    }
    let path = Path(name)
    do {
      let adapter = try Adapter(opening: path)
      return Opened(
        weighted: WeightedAdapter(adapter, weight: weight), name: name, stored: nil,
        snapshot: StoredOperand.tracked(path)?.snapshot)
    } catch { throw Failure(error) }
  }

  private static func opened(
    _ stored: StoredOperand, _ name: String, weight: Double
  ) throws -> Opened {
    do {
      let adapter = try Adapter(opening: stored.files.path).named(Path(name))
      return Opened(
        weighted: WeightedAdapter(adapter, weight: weight), name: name, stored: stored,
        snapshot: stored.files.snapshot)
    } catch { throw Failure(error) }
  }

  /// The name and the weight; a path that exists wins over the reading as a weight.
  private func reading() throws -> (name: String, weight: Double) {
    guard Path(text).kind == nil, let sign = text.lastIndex(of: "="), sign > text.startIndex else {
      return (text, 1)
    }
    let name = String(text[..<sign])
    let number = text[text.index(after: sign)...]
    if let weight = Double(number), weight.isFinite { return (name, weight) }
    // A misspelt path is likelier than a misspelt weight of a path that is not there.
    guard Path(name).kind != nil else { return (text, 1) }
    throw Failure(
      .usage, "weight", "\(name) is given the weight \"\(number)\", which is no finite number.",
      hint: "write it as \(name)=0.7")
  }
}
