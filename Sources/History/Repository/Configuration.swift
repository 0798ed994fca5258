internal import JSON
internal import Storage

/// The settings of one repository: a flat object of strings, local and never transferred. No key names
/// a command.
public struct Configuration: Hashable, Sendable {
  /// The settings by key.
  public private(set) var values: [String: String] = [:]

  /// No settings.
  public init() {}

  /// A setting; nil where there is none.
  public subscript(key: String) -> String? {
    get { values[key] }
    set { values[key] = newValue }
  }

  /// Whether a text can be a key: words of letters, digits, `-` and `_` joined by dots.
  public static func isKey(_ text: String) -> Bool {
    let words = text.split(separator: ".", omittingEmptySubsequences: false)
    return words.count > 1 && text.utf8.count <= 200
      && words.allSatisfy { word in
        !word.isEmpty
          && word.utf8.allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x2F: true
            default: false
            }
          }
      }
  }
}

extension Repository {
  /// The settings; none where nothing was set.
  public func configuration() throws(HistoryError) -> Configuration {
    let path = own(Self.configurationName)
    let bytes: [UInt8]?
    do {
      bytes = try store.localFile(Self.configurationName, limit: 1 << 20)
    } catch { throw .storage(error) }
    guard let bytes else { return Configuration() }
    guard let members = (try? JSONValue(parsing: bytes))?.members else {
      throw .malformedConfiguration(path, rule: "is not a JSON object")
    }
    var configuration = Configuration()
    for member in members {
      guard Configuration.isKey(member.key), let value = member.value.string else {
        throw .malformedConfiguration(path, rule: "sets \(member.key) to no text")
      }
      configuration[member.key] = value
    }
    return configuration
  }

  /// Writes all settings, in place of those before, in one step.
  public func write(_ configuration: Configuration) throws(HistoryError) {
    let document = JSONValue.object(
      configuration.values.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    do {
      try store.replaceLocalFile(
        Self.configurationName, with: Array((document.text(.indented) + "\n").utf8), synced: true)
    } catch { throw .storage(error) }
  }

  private static let configurationName = "config.json"
}
