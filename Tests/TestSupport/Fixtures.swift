public import Files
import Foundation

/// Where the files are that tests read.
public enum Fixtures {
  /// `fixtures/` of the package.
  public static let folder = packageRoot.appending("fixtures")

  /// The fixtures that are kept outside of the package, because they are large or not ours to give
  /// away: `$ADAPTERCTL_SHARED_FIXTURES`, or `../shared/fixtures`; nil where there are none.
  public static let shared: Path? = {
    let named = ProcessInfo.processInfo.environment["ADAPTERCTL_SHARED_FIXTURES"].map(Path.init)
    let folder = named ?? packageRoot.parent.appending("shared/fixtures")
    return folder.isDirectory ? folder : nil
  }()

  private static let packageRoot = Path(#filePath).parent.parent.parent
}
