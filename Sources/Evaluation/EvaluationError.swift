public import Adapters
public import Files
public import JSON
public import Tensors

/// Why a model cannot be evaluated.
public enum EvaluationError: Error, Sendable {
  /// A file cannot be read.
  case file(FileError)
  /// An adapter cannot be read or does not fit.
  case adapter(AdapterError)
  /// A JSON document is malformed.
  case malformedDocument(Path, JSONError, line: Int, column: Int)
  /// A suite breaks a rule; `place` is the path of the member, `rule` completes "`place` …".
  case malformedSuite(Path, place: String, rule: String)
  /// A line of a data file breaks a rule; `rule` completes "line N …".
  case malformedData(Path, line: Int, rule: String)
  /// The model has no configuration.
  case noConfiguration(Path)
  /// The architecture is not computed here.
  case unsupportedArchitecture(Path, name: String)
  /// Members of the configuration that are needed, unknown or not computed; each with its reason.
  case unsupportedConfiguration(Path, [String])
  /// Tensors that the model needs and does not have.
  case missingTensors(Path, [TensorName])
  /// Tensors of the model that the computation has no place for.
  case unusedTensors(Path, [TensorName])
  /// A tensor does not have the shape that the configuration asks for.
  case misshapen(Path, TensorName, shape: Shape, expected: Shape)
  /// No tokenizer stands beside the model.
  case noTokenizer(Path)
  /// A component of a tokenizer is not supported; `place` is its path in the document.
  case unsupportedTokenizer(Path, place: String, what: String)
  /// A text has what the tokenizer cannot encode; `rule` completes "the text …".
  case notEncodable(rule: String)
  /// The tokenizer already begins the text with the token that would be put in front of it.
  case doubledBeginning(token: String, task: String)
  /// A token is outside the model's vocabulary.
  case tokenOutside(Int, vocabulary: Int)
  /// The model gave a logit that is NaN or infinite.
  case notFinite(target: String, task: String, document: Int)
  /// The adapters of a target change no logit.
  case withoutEffect(target: String)
  /// A stop was requested.
  case interrupted
}
