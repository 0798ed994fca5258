internal import Files

/// Answers written questions about speed: `adapterctl-bench [name…]`, all of them without a name.
///
/// `adapterctl-bench make FOLDER COUNT` writes the series that stores are compared on; see `peers/`.
///
/// Every line gives a rate, the limit that was measured in the same process, and their ratio.
@main struct Bench {
  static func main() {
    let names = CommandLine.arguments.dropFirst()
    if names.first == "make", names.count == 3, let count = Int(names[names.startIndex + 2]) {
      do {
        try PeerSeries.write(to: Path(names[names.startIndex + 1]), count: count)
      } catch { print("Failed: \(error)") }
      return
    }
    let questions: [any Question] = [
      ProductQuestion(), MergeQuestion(), ConversionQuestion(), DigestQuestion(),
      ChunkQuestion(), StoreQuestion(), BaseQuestion(), FactorisationQuestion(),
    ]
    let unknown = names.filter { name in !questions.contains { $0.name == name } }
    guard unknown.isEmpty else {
      print("Unknown: \(unknown.joined(separator: ", ")). Choose from:")
      for question in questions { print("  \(question.name)  \(question.text)") }
      return
    }
    for question in questions where names.isEmpty || names.contains(question.name) {
      print("\n\(question.name): \(question.text)")
      question.answer()
    }
  }
}

/// One question about speed.
protocol Question {
  /// The word that chooses it.
  var name: String { get }
  /// The question itself.
  var text: String { get }
  /// Measures, and prints a line for each case.
  func answer()
}
