/// The programs that an adapter is looked over for.
public enum LintTarget: String, Sendable, CaseIterable {
  case vllm
  case llamaCPP = "llama.cpp"
  case mlx
  case peft
  case diffusers
  case ollama
}

/// What a program does to an adapter that it does not fully understand.
public enum LintEffect: String, Sendable {
  /// It refuses the adapter.
  case refused
  /// It takes the adapter and computes something else.
  case wrong
}

/// Something in an adapter that a program refuses or gets wrong.
public struct LintFinding: Sendable {
  /// The rule's name, which never changes.
  public let rule: String
  /// What the program does.
  public let effect: LintEffect
  /// What is there, as a sentence.
  public let sentence: String
  /// Where the program's own code says so.
  public let source: String
  /// The command that makes the adapter fit, or what to do where no command does.
  public let remedy: String
}
