/// Byte pair encoding: a piece's symbols, and pairs of them merged in the order of training.
struct BytePairModel: Sendable {
  /// What a piece's first symbols are.
  enum Symbols: Sendable {
    /// Its bytes, each as one character of GPT-2's table.
    case bytes
    /// Its characters; those without a token as bytes `<0xNN>` where `fallsBack`.
    case characters(fallsBack: Bool)
  }

  struct Pair: Hashable, Sendable {
    let left: Int
    let right: Int
  }

  let symbols: Symbols
  /// The tokens by the UTF-8 bytes of their texts: spellings that Unicode calls equivalent are
  /// different tokens.
  let vocabulary: [[UInt8]: Int]
  /// The rank of a pair and what it becomes.
  let merges: [Pair: (rank: Int, id: Int)]
  let unknown: Int?
  let fusesUnknown: Bool
  /// Whether a piece that is a token is that token, whatever the merges make of it.
  let ignoresMerges: Bool

  /// Appends the tokens of one piece of a text.
  func encode(
    _ text: NormalText, _ piece: Range<Int>, into result: inout TokenizedText
  ) throws(EvaluationError) {
    var ids: [Int] = []
    var starts: [Int] = []
    if ignoresMerges, let id = vocabulary[written(text.scalars[piece])] {
      result.ids.append(id)
      result.starts.append(text.starts[piece.lowerBound])
      return
    }
    for place in piece {
      try append(text.scalars[place], from: text.starts[place], &ids, &starts)
    }
    merge(&ids, &starts)
    result.ids += ids
    result.starts += starts
  }

  /// A piece as the vocabulary writes it.
  private func written(_ scalars: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    let bytes = scalars.flatMap(\.utf8Bytes)
    switch symbols {
    case .bytes: return bytes.flatMap { ByteCharacters.character(of: $0).utf8Bytes }
    case .characters: return bytes
    }
  }

  private func append(
    _ scalar: Unicode.Scalar, from start: Int, _ ids: inout [Int], _ starts: inout [Int]
  ) throws(EvaluationError) {
    let bytes = scalar.utf8Bytes
    switch symbols {
    case .bytes:
      for (offset, byte) in bytes.enumerated() {
        guard let id = vocabulary[ByteCharacters.character(of: byte).utf8Bytes] else {
          throw .notEncodable(rule: "has the byte \(byte), for which the vocabulary has no token")
        }
        ids.append(id)
        starts.append(start + offset)
      }
    case .characters(let fallsBack):
      if let id = vocabulary[bytes] {
        ids.append(id)
        starts.append(start)
        return
      }
      let fallbacks = bytes.map { vocabulary[Array(ByteCharacters.fallback(of: $0).utf8)] }
      if fallsBack, !fallbacks.contains(nil) {
        for (offset, id) in fallbacks.compactMap({ $0 }).enumerated() {
          ids.append(id)
          starts.append(start + offset)
        }
        return
      }
      guard let unknown else {
        throw .notEncodable(
          rule: "has the character U+\(String(scalar.value, radix: 16, uppercase: true)), for "
            + "which the vocabulary has no token")
      }
      if fusesUnknown, ids.last == unknown { return }
      ids.append(unknown)
      starts.append(start)
    }
  }

  /// Merges the pair of the lowest rank, the first of several, until none is left.
  ///
  /// Symbols are linked, and candidate pairs wait in a heap, so that a piece of n symbols takes
  /// n·log n steps: metaspace texts are one piece.
  private func merge(_ ids: inout [Int], _ starts: inout [Int]) {
    guard ids.count > 1 else { return }
    var next = Array(1...ids.count)
    var previous = Array(-1..<ids.count - 1)
    var heap = PairHeap()
    func push(_ place: Int) {
      guard place >= 0, next[place] < ids.count, ids[place] >= 0,
        let merge = merges[Pair(left: ids[place], right: ids[next[place]])]
      else { return }
      heap.push(
        .init(rank: merge.rank, place: place, left: ids[place], right: ids[next[place]]))
    }
    for place in ids.indices.dropLast() { push(place) }
    while let candidate = heap.pop() {
      let place = candidate.place
      // Stale where a neighbour has been merged meanwhile.
      guard ids[place] == candidate.left, next[place] < ids.count,
        ids[next[place]] == candidate.right,
        let merge = merges[Pair(left: candidate.left, right: candidate.right)]
      else { continue }
      let gone = next[place]
      ids[place] = merge.id
      ids[gone] = -1
      next[place] = next[gone]
      if next[gone] < ids.count { previous[next[gone]] = place }
      push(previous[place])
      push(place)
    }
    let kept = ids.indices.filter { ids[$0] >= 0 }
    starts = kept.map { starts[$0] }
    ids = kept.map { ids[$0] }
  }
}

/// The characters in which byte-level vocabularies write bytes.
enum ByteCharacters {
  private static let table: [Unicode.Scalar] = {
    var extra: UInt32 = 0
    return (0..<256).map { byte -> Unicode.Scalar in
      if 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte {
        return Unicode.Scalar(UInt8(byte))
      }
      defer { extra += 1 }
      return Unicode.Scalar(256 + extra) ?? "?"
    }
  }()

  /// GPT-2's character for a byte.
  static func character(of byte: UInt8) -> Unicode.Scalar { table[Int(byte)] }

  /// `<0x0A>`
  static func fallback(of byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
  }
}

extension Unicode.Scalar {
  /// The character in UTF-8.
  var utf8Bytes: [UInt8] { Array(String(Character(self)).utf8) }
}
