/// The message of a commit or a tag.
public struct Message: Hashable, Sendable {
  /// The text; it ends in one line feed, or is empty.
  public let text: String

  /// A message; white space at its end gives way to one line feed, and empty lines before it are
  /// dropped.
  public init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var kept = lines.drop { $0.allSatisfy(\.isWhitespace) }
    while let last = kept.last, last.allSatisfy(\.isWhitespace) { kept.removeLast() }
    var joined = kept.joined(separator: "\n")
    while joined.last?.isWhitespace == true { joined.removeLast() }
    self.text = joined.isEmpty ? "" : joined + "\n"
  }

  /// The lines, without line feeds.
  public var lines: [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }

  /// The first line.
  public var subject: String { lines.first.map(String.init) ?? "" }
}

extension Commit {
  /// The trailers at the end of its message.
  public var trailers: [Trailer] { Message(message).trailers }
}
