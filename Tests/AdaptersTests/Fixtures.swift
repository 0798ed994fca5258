import Files
import Glibc

@testable import Adapters

/// Where the fixtures are.
enum Fixtures {
  /// The package's folder.
  static let package = Path(#filePath).parent.parent.parent

  /// The adapters that `fixtures/peft/generate.py` writes.
  static let peft = package.appending("fixtures").appending("peft")

  /// Adapters that others trained, which stay outside the package; nil where they are absent.
  static var shared: Path? {
    let named = getenv("ADAPTERCTL_SHARED_FIXTURES").map { Path(String(cString: $0)) }
    let path = named ?? package.parent.appending("shared").appending("fixtures")
    return path.isDirectory ? path : nil
  }
}
