internal import Adapters
internal import ArgumentParser
internal import Files

/// An adapter on the command line: a path, with `=WEIGHT` behind it in commands that take several.
///
/// It is read only when it is opened: what exists depends on the directory of `-C`.
struct AdapterOperand: ExpressibleByArgument, Sendable {
  private let text: String

  static var defaultCompletionKind: CompletionKind { .file() }

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    text = argument
  }

  /// Opens the adapter.
  func open() throws -> WeightedAdapter {
    let (path, weight) = try reading()
    do {
      return WeightedAdapter(try Adapter(opening: path), weight: weight)
    } catch { throw Failure(error) }
  }

  /// The path and the weight; a path that exists wins over the reading as a weight.
  private func reading() throws -> (path: Path, weight: Double) {
    guard Path(text).kind == nil, let sign = text.lastIndex(of: "="), sign > text.startIndex else {
      return (Path(text), 1)
    }
    let path = Path(String(text[..<sign]))
    let number = text[text.index(after: sign)...]
    if let weight = Double(number), weight.isFinite { return (path, weight) }
    // A misspelt path is likelier than a misspelt weight of a path that is not there.
    guard path.kind != nil else { return (Path(text), 1) }
    throw Failure(
      .usage, "weight", "\(path) is given the weight \"\(number)\", which is no finite number.",
      hint: "write it as \(path)=0.7")
  }
}
