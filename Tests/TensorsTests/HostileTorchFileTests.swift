import Files
import Tensors
import TestSupport
import Testing

/// Tensors and storages that do not fit their file, and containers that are not what they seem.
@Suite struct HostileTorchFileTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func open(_ bytes: [UInt8]) throws -> TensorFile {
    try TensorFile(opening: folder.write(bytes))
  }

  private static func pickle(_ write: (inout PickleBuilder) -> Void) -> PickleBuilder {
    var builder = PickleBuilder()
    builder.raw("}")
    builder.text("w")
    write(&builder)
    builder.raw("s.")
    return builder
  }

  private static let plain = pickle { $0.tensor() }

  @Test func `the file that the others are variations of is read`() throws {
    for file in [try open(Self.plain.zip()), try open(Self.plain.legacy())] {
      #expect(file.tensors.map(\.name) == ["w"])
      #expect(try file.bytes(of: file.tensors[0]).count == 16)
    }
  }

  static let misfits: [(offset: Int, shape: [Int], strides: [Int])] = [
    (1, [4], [1]), (0, [5], [1]), (0, [2, 2], [3, 1]), (-1, [4], [1]), (0, [-4], [1]),
    (0, [4], [-1]), (0, [2, 2], [1]), (0, [2], [1, 1]), (5, [0], [1]),
    (.max, [1], [1]), (0, [2], [.max]), (0, [2, 2], [.max, .max]), (.max, [2], [.max]),
    (0, [.max], [1]), (0, [.max, .max], [1, 1]), (.min, [1], [1]), (0, [1], [.min]),
    (0, [1 << 62, 4], [4, 1]), (0, [8], [0]),
    (0, [Int](repeating: 1, count: 65), [Int](repeating: 1, count: 65)),
  ]

  @Test(arguments: misfits)
  func `a tensor beyond its storage is refused`(
    offset: Int,
    shape: [Int],
    strides: [Int]
  ) throws {
    let builder = Self.pickle { $0.tensor(offset: offset, shape: shape, strides: strides) }
    #expect(throws: TensorError.self) { try open(builder.zip()) }
    #expect(throws: TensorError.self) { try open(builder.legacy()) }
  }

  @Test func `strides of dimensions without a neighbour do not matter`() throws {
    let builder = Self.pickle { $0.tensor(offset: 2, shape: [1, 1], strides: [.max, .max]) }
    for file in [try open(builder.zip()), try open(builder.legacy())] {
      #expect(file.tensors[0].strides == nil)
      #expect(try file.bytes(of: file.tensors[0]).count == 4)
    }
    let column = Self.pickle { $0.tensor(shape: [2, 1, 2], strides: [1, .max, 2]) }
    let file = try open(column.zip())
    #expect(
      try file.bytes(of: file.tensors[0]) == [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]
    )
  }

  @Test func `a legacy view is a window of its storage`() throws {
    func builder(_ offset: Int, _ count: Int, tensor: Int = 0) -> PickleBuilder {
      Self.pickle { builder in
        builder.tensor(offset: tensor, shape: [2]) {
          $0.storage(view: (offset, count), isLegacy: true)
        }
      }
    }
    let whole = try open(Self.plain.legacy()).tensors[0].byteOffset
    let view = builder(1, 2).legacy()
    #expect(
      try open(view).tensors[0].byteOffset - whole == view.count - Self.plain.legacy().count + 4
    )
    for faulty in [
      builder(3, 2), builder(-1, 2), builder(1, 1), builder(1, 2, tensor: 1), builder(.max, 2),
      builder(1, .max), builder(1, -2),
    ] {
      #expect(throws: TensorError.self) { try open(faulty.legacy()) }
    }
  }

  @Test func `a storage of another size than its bytes is refused`() throws {
    for count in [0, 3, 5, -1, .max, 1 << 61, 1 << 62] {
      let builder = Self.pickle { builder in
        builder.tensor(shape: [1]) { $0.storage(count: count) }
      }
      #expect(throws: TensorError.self) { try open(builder.zip()) }
      #expect(throws: TensorError.self) { try open(builder.legacy()) }
    }
    for count: UInt64 in [0, 3, 5, 1 << 63, .max] {
      #expect(throws: TensorError.self) { try open(Self.plain.legacy(elementCount: count)) }
    }
    for byteCount in [0, 15, 17] {
      #expect(throws: TensorError.self) { try open(Self.plain.legacy(byteCount: byteCount)) }
    }
    for keys in [[], ["1"], ["0", "0"], ["0", "1"]] {
      #expect(throws: TensorError.self) { try open(Self.plain.legacy(keys: keys)) }
    }
  }

  @Test(arguments: ["1", "", "..", "../0", "0/", "a/../0", "/0"])
  func `a storage key that names no member is refused`(key: String) throws {
    let builder = Self.pickle { builder in builder.tensor { $0.storage(key) } }
    #expect(throws: TensorError.self) { try open(builder.zip()) }
    #expect(throws: TensorError.self) { try open(builder.legacy()) }
  }

  private func rule(_ bytes: [UInt8]) throws -> String {
    let error = try #require(throws: TensorError.self) { try open(bytes) }
    switch error {
    case .malformed(_, _, let rule): return rule
    case .notATensorFile(_, let what): return what
    default: return "\(error)"
    }
  }

  @Test func `a compressed member is refused by name`() throws {
    // The deflate stream of one stored block.
    func deflate(_ member: inout ZipBuilder.Member) {
      let count = UInt16(member.data.count)
      let head = [
        1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8),
      ]
      member.checksum = CRC32.of(member.data)
      member.byteCount = UInt32(member.data.count)
      member.data = head + member.data
      member.method = 8
    }
    #expect(
      try rule(Self.plain.zip { deflate(&$0.members[1]) }).contains("compressed member a/data/0")
    )
    #expect(
      try rule(Self.plain.zip { deflate(&$0.members[0]) }).contains("compressed member a/data.pkl")
    )
  }

  @Test func `what is wrong with the zip is said`() throws {
    let plain = Self.plain
    #expect(try rule(plain.zip { $0.members[0].checksum = 1 }).contains("CRC"))
    #expect(try rule(plain.zip { $0.members[1].flags |= 1 }).contains("encrypted"))
    #expect(try rule(plain.zip { $0.members[1].name = "a/../0" }).contains("unsafe name"))
    #expect(try rule(plain.zip { $0.members[1].headerOffset = 0 }).contains("same bytes"))
    #expect(try rule(plain.zip { $0.members.remove(at: 0) }).contains("without data.pkl"))
    #expect(
      try rule(plain.zip { $0.members.append(.init("b/data.pkl", [])) }).contains("more than")
    )
    #expect(
      try rule(plain.zip { $0.members.append(.init("a/byteorder", Array("big".utf8))) })
        .contains("byte order")
    )
    #expect(
      try rule(plain.zip { $0.members.append(.init("a/constants.pkl", [])) }).contains(
        "TorchScript"
      )
    )
    #expect(try rule(plain.zip { $0.members[0].data.append(0) }).contains("behind its pickle"))
  }

  @Test func `a byte order of little is accepted`() throws {
    let zip = Self.plain.zip { $0.members.append(.init("a/byteorder", Array("little".utf8))) }
    #expect(try open(zip).tensors.count == 1)
  }

  @Test func `a conjugated tensor is refused`() throws {
    var conjugated = PickleBuilder()
    conjugated.global("torch._utils", "_rebuild_tensor_v2")
    conjugated.raw("(")
    conjugated.storage()
    conjugated.int(0)
    conjugated.extents([4])
    conjugated.extents([1])
    conjugated.raw([0x89])
    conjugated.raw("}}")
    conjugated.text("neg")
    conjugated.raw([0x88])
    conjugated.raw("stR.")
    #expect(try rule(conjugated.zip()).contains("conjugated or negated"))
  }
}
