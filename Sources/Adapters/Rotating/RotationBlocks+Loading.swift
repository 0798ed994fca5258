internal import Compute
internal import Files
internal import Tensors

extension RotationBlocks {
  /// The blocks, one for each place or one for all; throws where the tensor is unreadable, not
  /// finite, or has a Q whose block does not exist.
  func matrices(form: KernelForm) throws(AdapterError) -> [BlockMatrix] {
    let values = try source.floats(form: form)
    var made: [BlockMatrix] = []
    for number in 0..<count {
      var skew = skew(values, number)
      if let limit {
        let norm = skew.norm
        if norm > limit { skew = skew.scaled(by: limit / norm) }
      }
      guard let block = block(of: skew) else {
        throw .inconsistent(
          source.file.reader.path,
          rule: "has \(source.name), whose block \(number) stands for no rotation")
      }
      made.append(block)
    }
    return made
  }

  private func skew(_ values: [Float], _ number: Int) -> BlockMatrix {
    var made = BlockMatrix(size: size, entries: [Double](repeating: 0, count: size * size))
    switch storage {
    case .triangle(let isNegated):
      let sign: Double = isNegated ? -1 : 1
      var place = number * (size * (size - 1) / 2)
      for row in 0..<size {
        for column in row + 1..<max(size, row + 1) {
          made.entries[row * size + column] = sign * Double(values[place])
          made.entries[column * size + row] = -sign * Double(values[place])
          place += 1
        }
      }
    case .square(let stage, let factor):
      let start = (stage * count + number) * size * size
      for row in 0..<size {
        for column in 0..<size {
          made.entries[row * size + column] =
            (Double(values[start + row * size + column])
              - Double(values[start + column * size + row])) * factor
        }
      }
    }
    return made
  }

  private func block(of skew: BlockMatrix) -> BlockMatrix? {
    let identity = BlockMatrix.identity(size)
    switch map {
    case .cayley:
      return identity.adding(skew).inverse.map { identity.adding(skew, times: -1) * $0 }
    case .series(let terms):
      var sum = identity
      guard terms > 1 else { return sum }
      sum = sum.adding(skew, times: 2)
      guard terms > 2 else { return sum }
      var power = skew * skew
      sum = sum.adding(power, times: 2)
      var exponent = 3
      while exponent < terms - 1 {
        power = power * skew
        sum = sum.adding(power, times: 2)
        exponent += 1
      }
      return sum.adding(power * skew)
    }
  }
}
