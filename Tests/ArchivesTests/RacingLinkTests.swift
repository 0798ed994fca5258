import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Archives

/// A neighbour who replaces a directory of the extraction by a link, over and over.
@Suite struct RacingLinkTests {
  private static let swapCount = 100

  @Test func `a link that comes and goes never leads outside`() throws {
    let folder = try TemporaryDirectory()
    let outside = folder.path.appending("outside")
    try outside.createDirectories()
    var tar = TarBuilder()
    for number in 0..<200 { tar.add("a/\(number)", [1]) }
    let reader = try FileReader(folder.write(tar.file))
    let out = folder.path.appending("out")
    let staged = folder.path.appending(".out.partial-\(getpid())/a").text

    let isOver = Atomic(false)
    let swaps = Atomic(0)
    let neighbour = DispatchQueue(label: "neighbour")
    let ended = DispatchSemaphore(value: 0)
    neighbour.async {
      while !isOver.load(ordering: .relaxed) {
        let aside = staged + String(swaps.load(ordering: .relaxed))
        guard rename(staged, aside) == 0 else { continue }
        _ = symlink(outside.text, staged)
        swaps.add(1, ordering: .relaxed)
        unlink(staged)
        rename(aside, staged)
      }
      ended.signal()
    }
    var refusedCount = 0
    let start = ContinuousClock.now
    while swaps.load(ordering: .relaxed) < Self.swapCount,
      ContinuousClock.now - start < .seconds(60)
    {
      do { _ = try ArchiveExtraction(reader).extract(into: out) } catch { refusedCount += 1 }
      #expect(try outside.entryNames() == [])
      try? out.removeTree()
    }
    isOver.store(true, ordering: .relaxed)
    ended.wait()
    #expect(try outside.entryNames() == [])
    #expect(swaps.load(ordering: .relaxed) >= Self.swapCount)
    #expect(refusedCount > 0)
  }
}
