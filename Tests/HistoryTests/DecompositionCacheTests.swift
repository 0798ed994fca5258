import Adapters
import Digests
import Files
import History
import Parallel
import Tensors
import TestSupport
import Testing

@Suite struct DecompositionCacheTests {
  private static func id(_ number: Int) -> TensorID {
    TensorID(BLAKE3.digest(of: Array("\(number)".utf8)))
  }

  private static func folder(_ made: MadeRepository) -> Path {
    made.repository.store.path.appending("cache/decompositions")
  }

  private static func store(_ made: MadeRepository, limit: Int = 1000) -> DecompositionStore {
    DecompositionCache(made.repository, limit: limit).decompositions
  }

  @Test func `what was kept is found by the next command, by its id`() throws {
    let made = try MadeRepository()
    Self.store(made).keep(Self.id(1), [1, 2, 3])
    #expect(Self.store(made).find(Self.id(1)) == [1, 2, 3])
    #expect(Self.store(made).find(Self.id(2)) == nil)
    #expect(
      try Self.folder(made).entryNames() == [Self.id(1).digest.hexadecimal])
    Self.store(made).keep(Self.id(1), [4])
    #expect(Self.store(made).find(Self.id(1)) == [4])
  }

  @Test func `what this command has no use for makes room, and nothing else does`() throws {
    let made = try MadeRepository()
    let earlier = Self.store(made)
    for number in 0..<4 { earlier.keep(Self.id(number), [UInt8](repeating: 1, count: 250)) }
    let next = Self.store(made)
    #expect(next.find(Self.id(1)) != nil)
    for number in 4..<9 { next.keep(Self.id(number), [UInt8](repeating: 2, count: 250)) }
    // One was used, and what came first of the others stays.
    let left = (0..<9).filter { Self.store(made).find(Self.id($0)) != nil }
    #expect(left == [1, 4, 5, 6])
    next.keep(Self.id(9), [UInt8](repeating: 2, count: 1001))
    #expect(Self.store(made, limit: 4000).find(Self.id(9)) == nil)
  }

  @Test func `a room of nothing keeps and finds nothing, and makes no folder`() throws {
    let made = try MadeRepository()
    let none = Self.store(made, limit: 0)
    none.keep(Self.id(1), [1])
    none.keep(Self.id(2), [])
    #expect(none.find(Self.id(1)) == nil && Self.folder(made).kind == nil)
  }

  @Test func `a place that cannot be written is no failure`() throws {
    let made = try MadeRepository()
    try FileWriter.write([], creating: Self.folder(made))
    let cache = Self.store(made)
    cache.keep(Self.id(1), [1])
    #expect(cache.find(Self.id(1)) == nil)
  }

  @Test func `many writers of one tensor leave one whole file`() throws {
    let made = try MadeRepository()
    let bytes = (0..<4).map { [UInt8](repeating: UInt8($0), count: 100) }
    let repository = made.repository
    Workers(count: 4).perform(jobs: 80, scratch: {}) { number, _ throws(Never) in
      // A cache of its own for each stands for as many commands.
      let cache = DecompositionCache(repository, limit: 1000).decompositions
      cache.keep(Self.id(number % 3), bytes[number % 4])
      if let found = cache.find(Self.id(number % 3)) { #expect(bytes.contains(found)) }
    }
    #expect(try Self.folder(made).entryNames().count == 3)
    #expect(try made.repository.store.path.appending("tmp").entryNames().isEmpty)
  }
}
