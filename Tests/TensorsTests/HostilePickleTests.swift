import Files
import Tensors
import TestSupport
import Testing

/// Pickles made to harm: each is refused, and by the rule it breaks.
@Suite struct HostilePickleTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func refusal(_ bytes: [UInt8]) throws -> TensorError {
    let path = try folder.write(bytes)
    let clock = ContinuousClock()
    let start = clock.now
    let error = try #require(throws: TensorError.self) { try TensorFile(opening: path) }
    #expect(clock.now - start < .seconds(1))
    return error
  }

  /// The rule a pickle breaks, the same in both containers.
  private func rule(
    hasStorage: Bool = false,
    _ write: (inout PickleBuilder) -> Void
  ) throws -> String {
    var builder = PickleBuilder()
    write(&builder)
    guard case .malformed(_, .pytorchZip, let rule) = try refusal(builder.zip()),
      case .malformed(_, .pytorchLegacy, let legacyRule) = try refusal(
        builder.legacy(keys: hasStorage ? ["0"] : [])
      )
    else {
      Issue.record("refused by another rule")
      return ""
    }
    // What a legacy file has behind its pickle is read as the rest of it.
    if !rule.contains("cut off") { #expect(rule == legacyRule) }
    return rule
  }

  @Test(arguments: [
    ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("__builtin__", "exec"),
    ("builtins", "getattr"), ("subprocess", "Popen"), ("torch", "load"), ("torch.hub", "load"),
    ("torch._utils", "_rebuild_qtensor"), ("torch", "Storage"), ("torch", "float32.__class__"),
    ("collections", "OrderedDict.__init__"), ("torch.serialization", "_load"), ("", ""),
  ])
  func `a global that is no data is refused by name`(module: String, name: String) throws {
    for isStacked in [false, true] {
      var builder = PickleBuilder()
      if isStacked {
        builder.text(module)
        builder.text(name)
        builder.raw([0x93])
      } else {
        builder.global(module, name)
      }
      builder.raw("(")
      builder.text("rm -rf /")
      builder.raw("tR.")
      let path = folder.path.appending("file")
      let expected = TensorError.forbiddenGlobal(path, global: "\(module).\(name)")
      #expect(try refusal(builder.zip()) == expected)
      #expect(try refusal(builder.legacy()) == expected)
    }
  }

  @Test func `a plain pickle is refused, and what it names is said`() throws {
    #expect(
      try refusal(
        Array("\u{80}\u{2}".unicodeScalars.map { UInt8($0.value) }) + "cos\nsystem\n.".utf8
      )
        == .forbiddenGlobal(folder.path.appending("file"), global: "os.system")
    )
    guard case .notATensorFile = try refusal([0x80, 2, 0x7D, 0x2E]) else {
      return #expect(Bool(false))
    }
  }

  @Test(
    arguments: [
      0x30, 0x32, 0x28 + 9, 0x46, 0x49, 0x50, 0x53, 0x54, 0x55, 0x56, 0x69, 0x6C, 0x6F, 0x82,
      0x83, 0x84, 0x8D, 0x8E, 0x8F, 0x90, 0x91, 0x92, 0x96, 0x97, 0x98, 0xFF, 0x42, 0x43, 0x00,
    ] as [UInt8]
  )
  func `an instruction that no checkpoint needs is refused`(opcode: UInt8) throws {
    #expect(try rule { $0.raw([0x7D, opcode, 0x2E]) }.contains("which no checkpoint needs"))
  }

  @Test(arguments: [
    "R.", "t.", "u.", "e.", "s.", "a.", "b.", "Q.", "}s.", "}Ns.", "(s.", "]a.", "}(R.",
    "]((ae.", "(q\u{0}.", "q\u{0}.", "\u{7}", "}(0.",
  ])
  func `taking more than there is is refused`(instructions: String) throws {
    _ = try rule { $0.raw(instructions) }
  }

  @Test func `recalling what was never stored is refused`() throws {
    #expect(try rule { $0.raw("h\u{5}.") }.contains("recalls value 5"))
    #expect(try rule { $0.raw([0x6A, 0xFF, 0xFF, 0xFF, 0xFF, 0x2E]) }.contains("recalls"))
  }

  @Test func `a pickle ends with exactly one value`() throws {
    #expect(try rule { $0.raw(".") }.contains("0 values"))
    #expect(try rule { $0.raw("}}.") }.contains("2 values"))
    #expect(try rule { $0.raw("}(.") }.contains("1 values"))
  }

  @Test func `a value that holds no tensors is refused`() throws {
    for instructions in ["N.", "K\u{1}."] {
      #expect(try rule { $0.raw(instructions) }.contains("neither a dictionary nor a list"))
    }
  }

  @Test func `a key twice in one dictionary is refused`() throws {
    let rule = try rule(hasStorage: true) { builder in
      builder.raw("}(")
      for _ in 0..<2 {
        builder.text("a")
        builder.tensor()
      }
      builder.raw("u.")
    }
    #expect(rule.contains("twice"))
  }

  @Test func `two tensors of one joined name are refused`() throws {
    let rule = try rule(hasStorage: true) { builder in
      builder.raw("}(")
      builder.text("a.b")
      builder.tensor()
      builder.text("a")
      builder.raw("}")
      builder.text("b")
      builder.tensor()
      builder.raw("su.")
    }
    #expect(rule.contains("two tensors named \"a.b\""))
  }

  @Test func `deep nesting is refused without exhausting the call stack`() throws {
    let depth = 50_000
    let lists =
      String(repeating: "]", count: depth) + String(repeating: "a", count: depth - 1) + "."
    #expect(try rule { $0.raw(lists) }.contains("nested deeper"))
    let tuples = ")" + String(repeating: "\u{85}", count: depth)
    #expect(
      try rule { $0.raw(tuples.unicodeScalars.map { UInt8($0.value) } + [0x2E]) }
        .contains("nested deeper")
    )
    #expect(
      try rule { $0.raw(String(repeating: "]", count: 70_000) + ".") }.contains("on its stack")
    )
    #expect(
      try rule { $0.raw("}" + String(repeating: "(", count: 70_000) + ".") }.contains(
        "on its stack"
      )
    )
  }

  @Test func `a container that holds itself is refused`() throws {
    #expect(try rule { $0.raw("]q\u{0}h\u{0}a.") }.contains("nested deeper"))
  }

  @Test func `parts that double at every level are refused`() throws {
    let bomb = try rule { builder in
      builder.raw("]q\u{0}")
      for level in 0..<14 {
        // Ten times the level below, paired with what it came from.
        builder.raw("(")
        for _ in 0..<10 { builder.raw([0x68, UInt8(level)]) }
        builder.raw([0x74, 0x71, UInt8(level + 1), 0x86, 0x71, 0xFF])
      }
      builder.raw(".")
    }
    #expect(bomb.contains("endless"))
  }

  @Test func `more values than the file could need are refused`() throws {
    let many = try rule { builder in
      builder.raw("]")
      for _ in 0..<3 { builder.raw("(" + String(repeating: "N", count: 60_000) + "e") }
      builder.raw(".")
    }
    #expect(many.contains("too many for its size"))
    let memo = try rule { builder in
      builder.raw("}")
      builder.raw([UInt8](repeating: 0x94, count: 140_000))
      builder.raw(".")
    }
    #expect(memo.contains("too many for its size"))
  }

  @Test func `announced counts are not allocated`() throws {
    let before = peakVirtualByteCount()
    for opcode: UInt8 in [0x58, 0x8B] {
      #expect(
        try rule { $0.raw([opcode, 0xFF, 0xFF, 0xFF, 0xFF] + "abc.".utf8) }.contains("cut off")
      )
    }
    _ = try rule { $0.raw([0x95] + [UInt8](repeating: 0xFF, count: 8)) }
    for (shape, strides) in [
      ([1 << 40], [0]), ([1 << 30, 1 << 30], [0, 0]), ([1 << 62], [1]), ([1 << 40], [1]),
    ] {
      var builder = PickleBuilder()
      builder.tensor(shape: shape, strides: strides)
      builder.raw(".")
      _ = try refusal(builder.zip())
      _ = try refusal(builder.legacy())
    }
    var builder = PickleBuilder()
    builder.tensor { $0.storage(count: 1 << 40) }
    builder.raw(".")
    _ = try refusal(builder.zip())
    _ = try refusal(builder.legacy())
    _ = try refusal(builder.legacy(elementCount: 1 << 40))
    let header = (0..<8).map { UInt8(truncatingIfNeeded: 99_000_000 >> ($0 * 8)) }
    _ = try refusal(header + Array("{}".utf8))
    // Threads of other tests reserve some address space of their own.
    #expect(peakVirtualByteCount() - before < 1 << 30)
  }
}
