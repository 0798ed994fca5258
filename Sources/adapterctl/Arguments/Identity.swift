internal import Files
internal import Glibc
internal import History

/// Who the user is, as CLI.md orders it: the repository's configuration, the environment, git's own
/// configuration, and at last the account on this machine.
enum Identity {
  /// The user, and whether the name was made up from the account.
  static func current(
    configuration: Configuration
  ) -> (signature: Signature, isGuessed: Bool) {
    let git = GitConfiguration.ofUser
    let name =
      configuration["user.name"].flatMap { $0.isEmpty ? nil : $0 } ?? variable(
        "ADAPTERCTL_AUTHOR_NAME") ?? git.name
    let email = configuration["user.email"] ?? variable("ADAPTERCTL_AUTHOR_EMAIL") ?? git.email
    if let name { return (Signature(name: name, email: email ?? ""), false) }
    let account = variable("USER") ?? variable("LOGNAME") ?? "user\(getuid())"
    return (Signature(name: account, email: email ?? "\(account)@\(host)"), true)
  }

  private static func variable(_ name: String) -> String? {
    Environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// The user's name in git's configuration. It is only read, and no program is started for it.
struct GitConfiguration {
  private(set) var name: String?
  private(set) var email: String?

  /// What `~/.gitconfig`, or git's file below `XDG_CONFIG_HOME`, says.
  static var ofUser: GitConfiguration {
    var found = GitConfiguration()
    let home = Environment["HOME"].map { Path($0) }
    let folder = Environment["XDG_CONFIG_HOME"].map { Path($0) } ?? home?.appending(".config")
    for file in [
      Environment["GIT_CONFIG_GLOBAL"].map { Path($0) } ?? home?.appending(".gitconfig"),
      folder?.appending("git").appending("config"),
    ] {
      guard let file, let bytes = try? FileReader.contents(of: file, limit: 1 << 20) else {
        continue
      }
      found.read(String(decoding: bytes, as: UTF8.self))
    }
    return found
  }

  /// Takes `name` and `email` of the section `[user]`; what is known already stays.
  private mutating func read(_ text: String) {
    var isUser = false
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.drop(while: \.isWhitespace)
      if line.hasPrefix("[") {
        isUser = line.lowercased().hasPrefix("[user]")
        continue
      }
      guard isUser, let sign = line.firstIndex(of: "=") else { continue }
      let key = line[..<sign].filter { !$0.isWhitespace }.lowercased()
      let value = Self.value(line[line.index(after: sign)...])
      if key == "name", name == nil { name = value }
      if key == "email", email == nil { email = value }
    }
  }

  private static func value(_ text: Substring) -> String? {
    var value = text.drop(while: \.isWhitespace)
    if value.hasPrefix("\""), let end = value.dropFirst().firstIndex(of: "\"") {
      return String(value[value.index(after: value.startIndex)..<end])
    }
    if let comment = value.firstIndex(where: { $0 == "#" || $0 == ";" }) {
      value = value[..<comment]
    }
    while value.last?.isWhitespace == true { value.removeLast() }
    return value.isEmpty ? nil : String(value)
  }
}
