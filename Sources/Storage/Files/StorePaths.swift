internal import Digests
internal import Files

/// Where things are in a store; see FORMAT.md, section 1.
struct StorePaths: Sendable {
  let root: Path

  var format: Path { root.appending("format") }
  var packs: Path { root.appending("packs") }
  var log: Path { root.appending("log") }
  var cache: Path { root.appending("cache") }
  var index: Path { cache.appending("index") }
  /// The index of the packs that came since the other one was written.
  var newIndex: Path { cache.appending("index-new") }
  var condemned: Path { root.appending("condemned") }
  var temporary: Path { root.appending("tmp") }
  var quarantine: Path { root.appending("quarantine") }
  var locks: Path { root.appending("lock") }
  var gcLock: Path { locks.appending("gc") }

  /// The directories, in the order they are made.
  var directories: [Path] {
    [packs, log, cache, condemned, temporary, quarantine, locks]
  }

  func pack(_ name: Digest) -> Path { packs.appending(name.hexadecimal + Self.packSuffix) }

  func operation(_ sequence: Int) -> Path {
    log.appending(Self.digits(sequence) + Self.operationSuffix)
  }

  func checkpoint(_ sequence: Int) -> Path {
    log.appending(Self.digits(sequence) + Self.checkpointSuffix)
  }

  func base(_ sequence: Int) -> Path { log.appending(Self.digits(sequence) + Self.baseSuffix) }

  func condemned(_ sequence: Int) -> Path { condemned.appending(Self.digits(sequence)) }

  /// A name that nobody else has.
  func newTemporary() -> Path {
    let number = UInt64.random(in: 0...UInt64.max)
    return temporary.appending(String(number, radix: 16))
  }

  static let packSuffix = ".pack"
  static let operationSuffix = ".op"
  static let checkpointSuffix = ".ckpt"
  static let baseSuffix = ".base"

  /// The digest a pack's file name says; nil for other names.
  static func packName(_ fileName: String) -> Digest? {
    guard fileName.hasSuffix(packSuffix) else { return nil }
    return Digest("b3:" + fileName.dropLast(packSuffix.count))
  }

  /// The number before a suffix; nil for other names.
  static func sequence(_ fileName: String, suffix: String) -> Int? {
    guard fileName.hasSuffix(suffix), fileName.utf8.count == 13 + suffix.utf8.count,
      let number = Int(fileName.dropLast(suffix.count)), number > 0,
      digits(number) + suffix == fileName
    else { return nil }
    return number
  }

  /// The number of any file of the log; nil for other names.
  static func logSequence(_ fileName: String) -> Int? {
    for suffix in [operationSuffix, checkpointSuffix, baseSuffix] {
      if let number = sequence(fileName, suffix: suffix) { return number }
    }
    return nil
  }

  /// Thirteen digits.
  static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 13 - text.utf8.count)) + text
  }
}
