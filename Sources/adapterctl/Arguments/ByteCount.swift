internal import ArgumentParser

/// A size as users write it: `5GB`, `512MiB`, `4096`. Decimal units are powers of 1000, those with
/// an `i` powers of 1024.
struct ByteCount: ExpressibleByArgument, Sendable {
  let byteCount: Int

  init?(argument: String) {
    let units: [(String, Int)] = [
      ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40), ("kb", 1000),
      ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000), ("k", 1 << 10),
      ("m", 1 << 20), ("g", 1 << 30), ("t", 1 << 40), ("b", 1),
    ]
    let text = argument.lowercased()
    let (ending, factor) = units.first { text.hasSuffix($0.0) } ?? ("", 1)
    guard let number = Double(text.dropLast(ending.count)), number > 0,
      number * Double(factor) < 1e18
    else { return nil }
    byteCount = Int(number * Double(factor))
  }
}
