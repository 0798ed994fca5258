internal import Digests
internal import History
internal import Storage

/// The format of `for-each-ref`: text with fields in it.
struct RefFormat {
  private enum Piece {
    case text(String)
    case field(Field)
  }

  private enum Field: String, CaseIterable {
    case name = "refname"
    case shortName = "refname:short"
    case id = "objectname"
    case shortID = "objectname:short"
    case kind = "objecttype"
    case subject = "subject"
  }

  private var pieces: [Piece] = []

  /// Reads a format; a failure where it has an unknown field in it.
  init(_ text: String) throws {
    var rest = text[...]
    while let percent = rest.firstIndex(of: "%") {
      pieces.append(.text(String(rest[..<percent])))
      rest = rest[rest.index(after: percent)...]
      if rest.first == "%" {
        pieces.append(.text("%"))
        rest = rest.dropFirst()
        continue
      }
      guard rest.first == "(", let end = rest.firstIndex(of: ")") else {
        pieces.append(.text("%"))
        continue
      }
      let name = String(rest[rest.index(after: rest.startIndex)..<end])
      guard let field = Field(rawValue: name) else {
        throw Failure(
          .usage, "format", "%(\(name)) is no field of a ref.",
          hint: "the fields are: " + Field.allCases.map(\.rawValue).joined(separator: ", "))
      }
      pieces.append(.field(field))
      rest = rest[rest.index(after: end)...]
    }
    pieces.append(.text(String(rest)))
  }

  /// A ref's line.
  func line(_ ref: ListedRef) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .field(.name): ref.name.text
      case .field(.shortName): ref.name.short
      case .field(.id): ref.id.description
      case .field(.shortID): ref.id.shortDigits
      case .field(.kind): ref.kind.text
      case .field(.subject): Terminal.escaped(ref.subject)
      }
    }.joined()
  }
}
