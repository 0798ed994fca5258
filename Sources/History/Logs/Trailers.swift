/// A line `Key: value` at the end of a message.
public struct Trailer: Hashable, Sendable, CustomStringConvertible {
  /// Letters, digits, hyphens and, as metrics have them, underscores.
  public let key: String
  /// What it says; the lines that continue it are joined by spaces.
  public let value: String

  /// A trailer; nil where the key is none. White space in the value becomes single spaces, so that it
  /// stays one line.
  public init?(key: String, value: String) {
    guard Self.isKey(key) else { return nil }
    self.key = key
    self.value = value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Reads `Key=value` or `Key: value`, as options have it; nil for anything else.
  public init?(option text: String) {
    guard let sign = text.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return nil }
    self.init(key: String(text[..<sign]), value: String(text[text.index(after: sign)...]))
  }

  /// `Key: value`
  public var description: String { value.isEmpty ? key + ":" : "\(key): \(value)" }

  /// Reads a line of a message; nil where it is no trailer.
  init?(line: Substring) {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    var key = line[..<colon]
    while key.last == " " || key.last == "\t" { key.removeLast() }
    self.init(key: String(key), value: String(line[line.index(after: colon)...]))
  }

  func continued(by line: Substring) -> Trailer {
    Trailer(key: key, value: value + " " + line) ?? self
  }

  private static func isKey(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
      }
  }
}

extension Message {
  /// The trailers, in order; none where the last paragraph is something else.
  public var trailers: [Trailer] { trailerBlock ?? [] }

  /// The message with trailers at its end: in the block that is there, or in one of its own. One that
  /// stands there already, with the same value, is not repeated.
  public func adding(trailers new: [Trailer]) -> Message {
    let block = trailerBlock
    var known = block ?? []
    var lines: [String] = []
    for trailer in new where !known.contains(trailer) {
      known.append(trailer)
      lines.append(trailer.description)
    }
    guard !lines.isEmpty else { return self }
    return Message(text + (block == nil ? "\n" : "") + lines.joined(separator: "\n"))
  }

  /// The trailers of the last paragraph; nil where it is no block of trailers. The first paragraph is
  /// the subject's and never one.
  ///
  /// As in git, all its lines must be trailers; beside a line that signs the work off, a quarter of
  /// them suffices.
  private var trailerBlock: [Trailer]? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    guard let blank = lines.lastIndex(where: { $0.allSatisfy(\.isWhitespace) }),
      lines[..<blank].contains(where: { !$0.allSatisfy(\.isWhitespace) })
    else { return nil }
    var trailers: [Trailer] = []
    var otherCount = 0
    var isSignedOff = false
    var continues = false
    for line in lines[(blank + 1)...] {
      if line.first?.isWhitespace == true {
        if continues, let last = trailers.popLast() {
          trailers.append(last.continued(by: line))
        } else {
          otherCount += 1
        }
      } else if let trailer = Trailer(line: line) {
        trailers.append(trailer)
        isSignedOff = isSignedOff || trailer.key == "Signed-off-by"
        continues = true
      } else {
        otherCount += 1
        continues = false
      }
    }
    guard !trailers.isEmpty else { return nil }
    return otherCount == 0 || isSignedOff && trailers.count * 3 >= otherCount ? trailers : nil
  }
}
