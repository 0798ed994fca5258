/// What git's users write and the parser does not know: `-5` for `-n 5`, and `--` between revisions and
/// paths, which the parser drops.
enum GitSpelling {
  /// The arguments of a command with both spelled out.
  static func spelledOut(_ arguments: [String], of command: String) -> [String] {
    let end =
      splitting.contains(command)
      ? arguments.firstIndex(of: "--") ?? arguments.endIndex : arguments.endIndex
    let before =
      counting.contains(command)
      ? arguments[..<end].flatMap(spelledOut) : Array(arguments[..<end])
    return before + arguments[end...].dropFirst().map { "--path=" + $0 }
  }

  /// The commands that take revisions and paths, and an option for the latter.
  private static let splitting: Set = ["log", "rev-list", "reflog", "checkout", "reset", "diff"]

  /// The commands that count.
  private static let counting: Set = ["log", "rev-list", "reflog"]

  private static func spelledOut(_ argument: String) -> [String] {
    let digits = argument.dropFirst()
    let isNumber =
      argument.hasPrefix("-") && !digits.isEmpty && digits.utf8.allSatisfy { 0x30...0x39 ~= $0 }
    return isNumber ? ["-n", String(digits)] : [argument]
  }
}
