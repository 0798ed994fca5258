internal import ArgumentParser

/// When colours are used.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto
  case always
  case never
}

/// The few colours of logs, differences and states; none where they are not wanted.
struct Palette {
  /// What a piece of text is, which says how it is shown.
  enum Role: String {
    /// An id.
    case id = "33"
    /// The head among names.
    case head = "1;36"
    /// A branch, and what is new.
    case added = "32"
    /// A tag.
    case tag = "1;33"
    /// What is gone.
    case removed = "31"
    /// What is other than before.
    case modified = "36"
  }

  let isOn: Bool

  /// Text in the colour of its role.
  func paint(_ text: String, _ role: Role) -> String {
    isOn ? "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m" : text
  }
}

extension GlobalOptions {
  /// The colours of this run: `--color`, or those of a terminal unless `NO_COLOR` is set.
  var palette: Palette {
    switch color {
    case .always: Palette(isOn: !json)
    case .never: Palette(isOn: false)
    case .auto:
      Palette(
        isOn: Terminal.showsOutput && !json && (Environment["NO_COLOR"] ?? "").isEmpty
          && Environment["TERM"] != "dumb")
    }
  }
}
