import Files
import Foundation
import TestSupport
import Testing

/// Text that a user sees, held by a file that is read like code.
enum Golden {
  /// Compares with `fixtures/golden/NAME`. A missing file is written, and the test fails;
  /// `RECORD_GOLDEN=1` writes them all again.
  static func expect(
    _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let path = Fixtures.folder.appending("golden").appending(name).text
    let recorded = FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self)
    }
    if recorded == text { return }
    let isWanted = ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1"
    if recorded == nil || isWanted {
      _ = FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
      if isWanted { return }
      Issue.record("\(name) was missing and has been written", sourceLocation: sourceLocation)
    } else {
      Issue.record(
        "\(name) differs; the program printed:\n\(text)", sourceLocation: sourceLocation)
    }
  }
}
