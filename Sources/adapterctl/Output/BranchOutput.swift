internal import Digests
internal import History
internal import JSON
internal import Storage

/// The branches, as they are shown.
struct BranchOutput: CommandOutput {
  private let rows: [(branch: Branch, subject: String)]

  init(branches: [Branch], repository: Repository) throws {
    rows = try branches.map { ($0, try repository.read(Commit.self, $0.commit).subject) }
  }

  func text(verbose: Bool) -> [String] {
    let width = rows.map(\.branch.name.count).max() ?? 0
    return rows.map { branch, subject in
      let mark = branch.isCurrent ? "* " : "  "
      guard verbose else { return Terminal.escaped(mark + branch.name) }
      let padding = String(repeating: " ", count: width - branch.name.count)
      return Terminal.escaped(
        "\(mark)\(branch.name)\(padding)  \(branch.commit.digest.short) \(subject)")
    }
  }

  var json: JSONValue {
    [
      "schema": "adapterctl.branch/1",
      "branches": .array(
        rows.map { branch, subject in
          [
            "name": .string(branch.name), "commit": .string(branch.commit.description),
            "current": .bool(branch.isCurrent), "subject": .string(subject),
          ]
        }),
    ]
  }
}
