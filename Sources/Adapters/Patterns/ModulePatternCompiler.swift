/// Turns a pattern's tree into instructions.
struct ModulePatternCompiler {
  /// How long a program may grow: `(a{900}){900}` must not fill the memory.
  static let programLimit = 1024

  private var program: [ModulePattern.Instruction] = []

  /// The instructions of `^(.*\.)?(PATTERN)$`; the end is asked for when matching.
  static func program(
    for tree: ModulePatternParser.Node
  ) throws(ModulePattern.Malformed) -> [ModulePattern.Instruction] {
    var compiler = ModulePatternCompiler()
    let path = ModulePatternParser.Node.sequence([
      .repeated(.scalar(.anything), least: 0, most: nil), .scalar(ScalarClass(".")),
    ])
    try compiler.emit(.sequence([.repeated(path, least: 0, most: 1), tree]))
    return compiler.program + [.accept]
  }

  private mutating func emit(
    _ node: ModulePatternParser.Node
  ) throws(ModulePattern.Malformed) {
    guard program.count < Self.programLimit else {
      throw ModulePattern.Malformed(rule: "repeats its parts more than \(Self.programLimit) times")
    }
    switch node {
    case .scalar(let scalars): program.append(.consume(scalars))
    case .anchor(let anchor): program.append(.require(anchor))
    case .sequence(let nodes):
      for node in nodes { try emit(node) }
    case .choice(let alternatives):
      var jumps: [Int] = []
      for alternative in alternatives.dropLast() {
        let split = reserve()
        try emit(alternative)
        jumps.append(reserve())
        program[split] = .split(split + 1, program.count)
      }
      for last in alternatives.suffix(1) { try emit(last) }
      for jump in jumps { program[jump] = .jump(program.count) }
    case .lookAhead(let inner, let isNegated):
      let start = reserve()
      try emit(inner)
      program.append(.accept)
      program[start] = .lookAhead(end: program.count, isNegated: isNegated)
    case .repeated(let inner, let least, let most):
      try emit(inner, least: least, most: most)
    }
  }

  private mutating func emit(
    _ inner: ModulePatternParser.Node,
    least: Int,
    most: Int?
  ) throws(ModulePattern.Malformed) {
    for _ in 0..<least {
      let before = program.count
      try emit(inner)
      // Nothing repeated is nothing.
      if program.count == before { return }
    }
    guard let most else {
      let split = reserve()
      try emit(inner)
      program.append(.jump(split))
      program[split] = .split(split + 1, program.count)
      return
    }
    for _ in least..<most {
      let split = reserve()
      try emit(inner)
      program[split] = .split(split + 1, program.count)
    }
  }

  /// Makes room for an instruction whose target is not known yet.
  private mutating func reserve() -> Int {
    program.append(.accept)
    return program.count - 1
  }
}
