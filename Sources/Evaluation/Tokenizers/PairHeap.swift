/// Pairs that wait to be merged, the lowest rank first, then the leftmost.
struct PairHeap {
  struct Candidate {
    let rank: Int
    let place: Int
    let left: Int
    let right: Int

    func precedes(_ other: Candidate) -> Bool { (rank, place) < (other.rank, other.place) }
  }

  private var candidates: [Candidate] = []

  mutating func push(_ candidate: Candidate) {
    candidates.append(candidate)
    var place = candidates.count - 1
    while place > 0, candidates[place].precedes(candidates[(place - 1) / 2]) {
      candidates.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> Candidate? {
    guard let first = candidates.first else { return nil }
    let last = candidates.removeLast()
    guard !candidates.isEmpty else { return first }
    candidates[0] = last
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < candidates.count {
        if candidates[child].precedes(candidates[least]) { least = child }
      }
      guard least != place else { return first }
      candidates.swapAt(place, least)
      place = least
    }
  }
}
