import Files
import TestSupport
import Testing

/// What git's users type by habit, and what they expect of it.
@Suite struct GitHabitTests {
  private func id(_ revision: String, _ session: StoreSession) throws -> String {
    try session.run(["rev-parse", revision]).output
  }

  @Test func `a misspelt command is told with what comes close`() throws {
    let session = try StoreSession.withTwoCommits()
    for (words, hint) in [
      (["statsu"], "did you mean adapterctl status?"),
      (["bundle", "creat"], "did you mean adapterctl bundle create?"),
      (["help", "comit"], "did you mean adapterctl commit?"),
      (["help", "xyzzy"], "list the commands with: adapterctl --help"),
    ] {
      let outcome = try session.program.run(words)
      #expect(outcome.code == 64 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("There is no command"), "\(outcome.errors)")
      #expect(outcome.errors.contains(hint), "\(outcome.errors)")
    }
    #expect(try session.program.run(["help", "log"]).code == 0)
    #expect(try session.program.run(["help", "base", "add"]).code == 0)
  }

  @Test func `a misspelt branch is told with what comes close`() throws {
    let session = try StoreSession.withTwoCommits()
    for words in [
      ["switch", "frist"], ["log", "frist"], ["reflog", "frist"], ["tag", "x", "frist"],
    ] {
      let outcome = try session.run(words)
      #expect(outcome.code == 64)
      #expect(outcome.errors.contains("did you mean first?"), "\(words): \(outcome.errors)")
    }
  }

  @Test func `a dash is where the head was before`() throws {
    let session = try StoreSession.withTwoCommits()
    #expect(try session.run(["switch", "-"]).code == 64)
    try session.run(["switch", "first"])
    #expect(try session.run(["switch", "-"]).output.contains("on branch main"))
    #expect(try session.run(["checkout", "-"]).output.contains("on branch first"))
    try session.run(["switch", "--detach", "main"])
    #expect(try session.run(["checkout", "-"]).output.contains("on branch first"))
    // And back to the commit that had no branch.
    #expect(try session.run(["switch", "-"]).output.contains("head detached at"))
    #expect(try session.run(["status"]).output.contains("working tree clean"))
  }

  @Test func `the commit of a detached head stands among the branches`() throws {
    let session = try StoreSession.withTwoCommits()
    try session.run(["switch", "--detach", "HEAD~1"])
    let short = String(try id("HEAD", session).dropFirst(3).prefix(12))
    let lines = try session.run(["branch"]).output.split(separator: "\n").map(String.init)
    #expect(lines == ["* (HEAD detached at b3:\(short))", "  first", "  main"])
  }

  @Test func `branches are listed by a glob, and with those of bundles`() throws {
    let session = try StoreSession.withTwoCommits()
    #expect(try session.run(["branch", "--list", "f*"]).output == "  first\n")
    #expect(try session.run(["branch", "-r"]).output.isEmpty)
    try session.run(["bundle", "create", "all.bundle", "main"])
    try session.run(["reset", "--hard", "first"])
    try session.run(["bundle", "unbundle", "all.bundle"])
    #expect(
      try session.run(["branch", "-a"]).output
        == "  first\n* main\n  remotes/bundle/heads/main\n")
    #expect(try session.run(["log", "-1", "bundle/heads/main"]).output.contains("Second"))
    for words in [
      ["branch", "-a", "x"], ["branch", "-d", "-l", "x"], ["branch", "-l", "a", "b"],
    ] {
      #expect(try session.run(words).code == 64, "\(words)")
    }
  }

  @Test func `checkout gives paths back from what is staged`() throws {
    let session = try StoreSession.withTwoCommits()
    let path = session.work.appending("math/adapter_config.json")
    let before = try FileReader.contents(of: path, limit: 1 << 20)
    for words in [
      ["checkout", "--", "math"], ["checkout", "math"], ["checkout", "HEAD", "--", "math"],
    ] {
      try path.removeFile()
      let outcome = try session.run(words)
      #expect(
        outcome.code == 0 && outcome.output == "restored math\n", "\(words): \(outcome.errors)")
      #expect(try FileReader.contents(of: path, limit: 1 << 20) == before)
      #expect(try session.run(["status"]).output.contains("working tree clean"))
    }
    // What stands behind -- is a path, whatever else it could be.
    let outcome = try session.run(["checkout", "--", "first"])
    #expect(outcome.code == 64 && outcome.errors.contains("Nothing is tracked at \"first\""))
    #expect(try session.run(["checkout"]).code == 64)
    #expect(try session.run(["reset", "--", "first"]).output.isEmpty)
    #expect(try id("main", session) == id("HEAD", session))
  }

  @Test func `a path of a revision may begin in the current folder`() throws {
    let session = try StoreSession.withTwoCommits()
    let whole = try session.run(["rev-parse", "HEAD:math/adapter_config.json"]).output
    #expect(
      try session.run(["rev-parse", "HEAD:./adapter_config.json"], in: "work/math").output == whole)
    #expect(
      try session.run(["rev-parse", "HEAD:../math/adapter_config.json"], in: "work/math").output
        == whole)
    #expect(try session.run(["rev-parse", "HEAD:./math"]).output == id("HEAD:math", session))
    let outcome = try session.run(["show", "HEAD:../../x"], in: "work/math")
    #expect(outcome.code == 64 && outcome.errors.contains("outside"), "\(outcome.errors)")
  }

  @Test func `tags with messages are made by -a, moved by -f, and keep their messages`() throws {
    let session = try StoreSession.withTwoCommits()
    #expect(try session.run(["tag", "-a", "v1"]).errors.contains("give it with -m"))
    try session.run(["tag", "-a", "v1", "-m", "Good", "first"])
    let refused = try session.run(["tag", "v1"])
    #expect(refused.code == 64 && refused.errors.contains("adapterctl tag --move v1"))
    let moved = try session.run(["tag", "-f", "v1"])
    #expect(moved.code == 0 && moved.errors.contains("--move"), "\(moved.errors)")
    #expect(try id("v1~0", session) == id("main", session))
    #expect(try session.run(["show", "v1"]).output.contains("Good"))
    try session.run(["tag", "--move", "v1", "first", "-m", "Better"])
    let shown = try session.run(["show", "v1"]).output
    #expect(shown.contains("Better") && !shown.contains("Good"))
    // A plain name stays one.
    try session.run(["tag", "plain", "first"])
    try session.run(["tag", "--move", "plain"])
    #expect(try id("plain", session) == id("main", session))
    #expect(try session.run(["tag", "-l", "p*"]).output.hasPrefix("plain"))
  }

  @Test func `show --stat measures what a commit moved`() throws {
    let session = try StoreSession.withTwoCommits()
    let stat = try session.run(["show", "--stat"])
    #expect(stat.output.contains("‖Δ−Δparent‖F") && stat.output.contains("down_proj"))
    #expect(try session.run(["log", "-1", "--stat"]).output == stat.output)
  }

  @Test func `reset before the first commit takes back what is staged`() throws {
    let session = try StoreSession()
    try session.take(step: 450, as: "math")
    let files = try StoreSession.files(session.work)
    #expect(try session.run(["reset"]).code == 0)
    try session.run(["add", "math"])
    #expect(try session.run(["reset", "--soft"]).code == 0)
    #expect(try session.run(["status"]).output.contains("added     math"))
    let outcome = try session.run(["reset"])
    #expect(outcome.code == 0 && outcome.output == "unstaged math\n")
    #expect(try StoreSession.files(session.work) == files)
    #expect(try session.run(["status"]).output.contains("not tracked:\n  math"))
    try session.run(["add", "math"])
    #expect(try session.run(["reset", "--hard"]).code == 0)
    #expect(try StoreSession.files(session.work).isEmpty)
    // What was staged is not lost.
    try session.run(["undo"])
    try session.run(["restore", "math"])
    #expect(try StoreSession.files(session.work) == files)
    #expect(try session.run(["reset", "HEAD"]).code == 64)
  }

  @Test func `a commit that is on no branch is told when it is left`() throws {
    let session = try StoreSession.withTwoCommits()
    try session.run(["switch", "--detach", "HEAD"])
    #expect(try session.run(["switch", "main"]).errors.isEmpty)
    try session.run(["switch", "--detach", "HEAD"])
    try session.run(["commit", "--allow-empty", "-m", "Lost"])
    let short = try session.run(["rev-parse", "--short", "HEAD"]).output.split(separator: "\n")[0]
    let left = try session.run(["switch", "main"])
    #expect(left.code == 0 && left.errors.contains("adapterctl branch NAME b3:\(short)"))
    #expect(try session.run(["branch", "kept", "b3:\(short)"]).code == 0)
    #expect(try session.run(["log", "-1", "kept"]).output.contains("Lost"))
  }

  @Test func `commands that there are only in git are told with what to do instead`() throws {
    let session = try StoreSession.withTwoCommits()
    for (words, hint) in [
      (["rm", "math"], "adapterctl add PATH"), (["push"], "adapterctl bundle create"),
      (["stash"], "adapterctl switch -c NAME"), (["revert", "HEAD"], "adapterctl checkout REV"),
      (["commit", "--amend"], "adapterctl reset --soft HEAD~1"),
      (["commit"], "adapterctl commit -m MESSAGE"), (["commit", "-m", " "], "commit -m MESSAGE"),
      (["commit", "-F", "x"], "Unknown option '-F'"), (["add"], "adapterctl add -A"),
      (["add", "-u"], "Unknown option '-u'"),
      (["log", "first...main"], "did you mean first..main?"),
      (["diff", "first...main"], "did you mean first..main?"),
      (["diff", "nothing"], "nothing is tracked"),
      (["inspect", "HEAD:math/adapter_config.json"], "name the whole: HEAD:math"),
      (["inspect", "HEAD:"], "adapterctl ls-tree HEAD:"),
    ] {
      let outcome = try session.run(words)
      #expect(outcome.code == 64, "\(words)")
      #expect(outcome.errors.contains(hint), "\(words): \(outcome.errors)")
    }
  }

  @Test func `add -A takes the whole working tree from anywhere in it`() throws {
    let session = try StoreSession.withTwoCommits()
    try session.take(step: 300, as: "other")
    try session.work.appending("math").removeTree()
    let outcome = try session.run(["add", "-A"], in: "work/other")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("added other") && outcome.output.contains("removed math"))
    #expect(try session.run(["add"]).code == 64)
    #expect(try session.run(["add", "-A", "other"]).code == 64)
  }

  @Test func `a file beside the weights is no difference of them, and none is claimed`() throws {
    let session = try StoreSession.withTwoCommits()
    try FileWriter.write([65], creating: session.work.appending("math/notes.md"))
    let outcome = try session.run(["diff", "--exit-code"])
    #expect(outcome.code == 1)
    #expect(outcome.output == "math: modified lora adapter, peft, base unknown (notes.md added)\n")
  }

  @Test func `log is limited by time`() throws {
    let session = try StoreSession()
    try session.take(step: 450, as: "math")
    // 2027-01-15, the day before and a week before, at 08:00:00.
    for (seconds, name) in [
      (1_799_395_200, "week"), (1_799_913_600, "day"), (1_800_000_000, "now"),
    ] {
      let environment = StoreSession.environment.merging(["ADAPTERCTL_TIME": "\(seconds)"]) { $1 }
      try session.program.run(
        ["-C", "work", "commit", "--allow-empty", "-m", name], environment: environment)
    }
    for (words, subjects) in [
      (["--since", "2027-01-14"], ["now", "day"]), (["--until", "2027-01-14"], ["day", "week"]),
      (["--since", "yesterday"], ["now", "day"]), (["--since", "today"], ["now"]),
      (["--since", "2 days ago", "--until", "2027-01-14T08:00:00Z"], ["day"]),
      (["--until", "2027-01-14 07:59"], ["week"]),
      (["--since", "1.weeks.ago"], ["now", "day", "week"]),
      (["--since", "2027-01-16"], []),
    ] {
      let lines = try session.run(["log", "--oneline", "-q"] + words).output
      #expect(lines.isEmpty)
      let shown = try session.run(["log", "--oneline"] + words).output.split(separator: "\n")
      #expect(shown.compactMap { $0.split(separator: " ").last.map(String.init) } == subjects)
      #expect(
        try session.run(["rev-list", "HEAD", "--count"] + words).output == "\(subjects.count)\n")
    }
    for text in ["2027-02-29", "2027-13-01", "soon", "2027-01-01T25:00", "x days ago", ""] {
      #expect(try session.run(["log", "--since", text]).code == 64, "\(text)")
    }
  }

  @Test func `what is undone is done again by a second undo`() throws {
    let session = try StoreSession.withTwoCommits()
    let before = StoreSession.refs(session.work)
    try session.run(["undo"])
    #expect(StoreSession.refs(session.work) != before)
    try session.run(["undo"])
    #expect(StoreSession.refs(session.work) == before)
    #expect(try session.run(["help", "undo"]).output.contains("second undo"))
  }
}
