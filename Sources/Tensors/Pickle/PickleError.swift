internal import Files

/// Why a pickle is refused; the container that holds it knows the path.
enum PickleError: Error, Hashable, Sendable {
  /// The file system refused.
  case file(FileError)
  /// The pickle names a Python object that is not data.
  case forbiddenGlobal(String)
  /// The pickle breaks a rule; the text completes "the file …".
  case broken(String)
}
