/// A text out of a file as an error may show it: quoted, at most eighty characters, control
/// characters escaped.
func excerpt(_ text: String) -> String {
  var excerpt = ""
  excerpt.unicodeScalars.append(contentsOf: text.unicodeScalars.prefix(80))
  return excerpt.debugDescription
}
