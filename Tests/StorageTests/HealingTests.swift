import Digests
import Files
import TestSupport
import Testing

@testable import Storage

/// Nothing is acknowledged that leans on damage, and storing a thing again heals it.
@Suite struct HealingTests {
  static func put(_ step: Int, parent: Digest? = nil, in files: MemoryFiles) throws {
    let store = try ObjectStore(opening: Sample.root, files: files)
    try Sample.commit(step: step, to: Sample.name("refs/heads/again"), in: store, parent: parent)
  }

  @Test(arguments: 1...5)
  func `what is damaged is stored again, and all that stands on it is whole`(step: Int) throws {
    let files = try RepairTests.settled()
    try RepairTests.damage(step, in: files)
    #expect(try !RepairTests.readable(files).contains(step))
    try Self.put(step, in: files)
    #expect(try RepairTests.readable(files) == [1, 2, 3, 4, 5])
    #expect(
      try Sample.read(
        Sample.name("refs/heads/again"), in: ObjectStore(opening: Sample.root, files: files))
        == step)
    // With an index over all packs, the same.
    try ObjectStore(opening: Sample.root, files: files).packs.updateIndex(always: true)
    #expect(try RepairTests.readable(files) == [1, 2, 3, 4, 5])
    // The damage is still told, and repaired without help.
    #expect(try !ObjectStore(opening: Sample.root, files: files).verify(.records).isEmpty)
    #expect(try RepairTests.repair(files).lost.isEmpty)
    try RepairTests.expectSound(files)
  }

  @Test func `one whose parents are damaged is stored again, too`() throws {
    let files = try RepairTests.settled()
    try RepairTests.damage(2, in: files)
    #expect(try RepairTests.readable(files) == [1])
    // Step 4 itself is as it was written, but cannot be read.
    try Self.put(4, in: files)
    #expect(try RepairTests.readable(files) == [1, 4, 5])
  }

  @Test func `new work does not stand on damage`() throws {
    let files = try RepairTests.settled()
    try RepairTests.damage(5, in: files)
    let parent = BLAKE3.digest(of: Sample.weights(step: 5))
    try Self.put(6, parent: parent, in: files)
    let store = try ObjectStore(opening: Sample.root, files: files)
    #expect(try Sample.read(Sample.name("refs/heads/again"), in: store) == 6)
  }

  @Test func `every damaged record is found by its check`() throws {
    let intact = try RepairTests.settled()
    for step in 1...5 {
      let files = intact.afterwards(.none)
      try RepairTests.damage(step, in: files)
      let store = try ObjectStore(opening: Sample.root, files: files)
      #expect(store.verify(.fast).isEmpty)
      let digest = BLAKE3.digest(of: Sample.weights(step: step))
      let found = store.verify(.records).contains {
        if case .damagedRecord(digest, _, _) = $0 { true } else { false }
      }
      #expect(found)
    }
    #expect(try ObjectStore(opening: Sample.root, files: intact).verify(.records).isEmpty)
  }
}
