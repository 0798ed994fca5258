internal import Files
internal import JSON

/// The files an adapter is made of, found by their names and not yet understood.
struct AdapterFiles {
  /// The weights.
  let weights: Path
  /// The configuration beside them, where there is one.
  let configuration: Configuration?
  /// What a user should know about the choice.
  let notes: [String]

  /// A configuration file.
  struct Configuration {
    let path: Path
    let bytes: [UInt8]
    let document: JSONValue
  }

  /// The configuration's name in every layout that has one.
  static let configurationName = "adapter_config.json"
  /// The largest configuration that is read, in bytes.
  static let configurationByteLimit = 64 << 20

  /// Finds the files of the adapter at `path`, a folder or one of its files.
  init(locating path: Path) throws(AdapterError) {
    guard path.kind != nil else { throw .file(.notFound(path)) }
    let isFolder = path.isDirectory
    let folder = isFolder || path.name == Self.configurationName ? path.parentOrSelf(isFolder) : nil
    if let folder {
      let names: [String]
      do { names = try folder.entryNames() } catch { throw .file(error) }
      let choice = try AdapterFolder(folder, names: names).weights()
      weights = folder.appending(choice.name)
      notes = choice.notes
    } else {
      weights = path
      notes = []
    }
    configuration = try Self.configuration(
      weights.parent.appending(Self.configurationName)
    )
  }

  private static func configuration(_ path: Path) throws(AdapterError) -> Configuration? {
    guard path.isFile else { return nil }
    let bytes: [UInt8]
    do {
      bytes = try FileReader.contents(of: path, limit: configurationByteLimit)
    } catch { throw .file(error) }
    let document: JSONValue
    do { document = try JSONValue(parsing: bytes) } catch {
      throw .malformedConfiguration(path, rule: "is not JSON: \(Self.rule(error))")
    }
    guard document.members != nil else {
      throw .malformedConfiguration(path, rule: "is not a JSON object")
    }
    return Configuration(path: path, bytes: bytes, document: document)
  }

  private static func rule(_ error: JSONError) -> String {
    switch error {
    case .malformed(let offset, let expected): return "\(expected) expected at byte \(offset)"
    case .duplicateKey(let key): return "the key \"\(key)\" occurs twice"
    case .tooDeep(let limit): return "it is nested deeper than \(limit)"
    }
  }
}

extension Path {
  /// This folder, or the folder of this file.
  fileprivate func parentOrSelf(_ isFolder: Bool) -> Path { isFolder ? self : parent }
}
