public import Digests
public import Files

/// What models are judged by: tasks, each with its data.
public struct Suite: Sendable {
  /// Where it was read.
  public let path: Path
  /// The digest of its bytes.
  public let digest: Digest
  /// Its name.
  public let name: String
  /// The longest input, where the suite bounds it below the model's own.
  public let maxLength: Int?
  /// The tasks, in the order of the suite.
  public let tasks: [SuiteTask]
}

/// One task of a suite.
public struct SuiteTask: Sendable {
  /// What a task is for: to learn, or not to be forgotten.
  public enum Role: String, Sendable {
    /// What adapters were trained for.
    case target
    /// What the base could do before.
    case source
  }

  /// What is measured.
  public enum Kind: Sendable {
    /// The loss of every token of a text, in a member of each record.
    case text(field: String)
    /// The loss of a response, and of what stands before it.
    case response(PromptFormat)
  }

  /// Which tokens of a response's text count as the task's loss.
  public enum Mask: String, Sendable, CaseIterable {
    /// The response alone.
    case response
    /// Every token.
    case all
    /// Every token but the template's (arXiv 2405.14394).
    case noTemplate = "no-template"
  }

  /// The task's name.
  public let name: String
  /// What it is for; nil where the suite does not say.
  public let role: Role?
  /// What is measured.
  public let kind: Kind
  /// Which tokens count.
  public let mask: Mask
  /// The data.
  public let data: DataSource
  /// Whether the end of text is scored behind every document.
  public let scoresEnd: Bool
  /// Whether the beginning of text stands in front of every document.
  public let begins: Bool
}

/// Where the documents of a task are.
public struct DataSource: Sendable {
  /// How a file is cut into documents.
  public enum Format: Sendable, Equatable {
    /// One JSON object a line.
    case jsonl
    /// One JSON array of objects.
    case json
    /// A text: one document, or several with a mark between them, white space around them removed.
    case text(split: String?)
  }

  /// The file.
  public let path: Path
  /// How it is cut.
  public let format: Format
  /// The SHA-256 that the file must have, where the suite names one.
  public let sha256: String?
  /// The most documents to take, from the first one on.
  public let limit: Int?
}
