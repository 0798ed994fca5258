/// How a prompt and a response are written as one text: `{{member}}` stands for a member of the
/// record, anything else is the template.
public struct PromptFormat: Hashable, Sendable {
  /// What a part of the text is.
  public enum Segment: Int, Sendable, CaseIterable {
    /// What the record asks.
    case prompt
    /// What stands around it in every document.
    case template
    /// What is to be answered.
    case response
  }

  enum Part: Hashable, Sendable {
    case literal(String)
    case member(String)
  }

  let parts: [Part]
  /// The member that holds the response.
  let response: String

  /// Reads a format; nil where a brace is not closed, or the response does not occur once.
  init?(_ text: String, response: String) {
    var parts: [Part] = []
    var rest = Substring(text)
    while let open = rest.firstRange(of: "{{") {
      if open.lowerBound > rest.startIndex {
        parts.append(.literal(String(rest[..<open.lowerBound])))
      }
      rest = rest[open.upperBound...]
      guard let close = rest.firstRange(of: "}}") else { return nil }
      var name = rest[..<close.lowerBound]
      while name.first == " " { name.removeFirst() }
      while name.last == " " { name.removeLast() }
      parts.append(.member(String(name)))
      rest = rest[close.upperBound...]
    }
    if !rest.isEmpty { parts.append(.literal(String(rest))) }
    guard parts.filter({ $0 == .member(response) }).count == 1 else { return nil }
    self.parts = parts
    self.response = response
  }

  /// The text of a record, and the bytes at which segments end; `missing` is called with the name
  /// of a member that the record lacks.
  func text(
    _ member: (String) -> String?, missing: (String) -> EvaluationError
  ) throws(EvaluationError) -> (text: String, segments: [(end: Int, segment: Segment)]) {
    var text = ""
    var segments: [(end: Int, segment: Segment)] = []
    for part in parts {
      let segment: Segment
      switch part {
      case .literal(let literal):
        text += literal
        segment = .template
      case .member(let name):
        guard let value = member(name) else { throw missing(name) }
        text += value
        segment = name == response ? .response : .prompt
      }
      segments.append((text.utf8.count, segment))
    }
    return (text, segments)
  }
}
