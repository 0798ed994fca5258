import Files
import Tensors
import Testing

@testable import Adapters

/// Models that PEFT merged, as `fixtures/merged-by-peft/generate.py` has it do.
@Suite struct MergedByPEFTTests {
  typealias Rounding = VerificationReport.ExplainedRounding

  private static let folder = Fixtures.package.appending("fixtures").appending("merged-by-peft")

  private func verify(_ model: String, _ adapters: [String]) throws -> VerificationReport {
    try Verification(
      of: try Checkpoint(opening: Self.folder.appending(model)),
      base: try Checkpoint(opening: Fixtures.peft.appending("base")),
      adapters: try adapters.map {
        WeightedAdapter(try Adapter(opening: Fixtures.peft.appending($0)))
      },
      options: MergeOptions(),
      tolerance: 1
    ).report(execution: .small)
  }

  @Test(arguments: [("lora", "lora"), ("dora", "dora"), ("lora_f16", "lora")])
  func `a plain merge is exact but for the order of its sums`(model: String, adapter: String) throws
  {
    let report = try verify(model, [adapter])
    #expect(report.isRight)
    #expect(report.findings.contains { $0.isTouched })
    for finding in report.findings {
      switch finding.verdict {
      case .exact: continue
      case .within(let ulps):
        #expect(ulps == 1)
        #expect(finding.distance.withinCount * 500 < finding.distance.exactCount)
      default: Issue.record("\(finding.name): \(finding.verdict)")
      }
    }
  }

  @Test(arguments: [
    ("lora_safe", ["lora"], Rounding.deltaRoundedToOutput),
    ("lora_bf16", ["lora_bf16"], .deltaRoundedToOutput),
    ("two", ["lora", "rslora"], .oneAfterAnother),
    ("two_safe", ["lora", "rslora"], .oneAfterAnotherRounded),
  ])
  func `PEFT's other roundings are named`(
    model: String,
    adapters: [String],
    rounding: Rounding
  ) throws {
    let report = try verify(model, adapters)
    #expect(report.isRight)
    for finding in report.findings {
      #expect(
        finding.verdict == (finding.isTouched ? .explained(by: rounding) : .exact),
        "\(finding.name)"
      )
    }
  }

  @Test func `a merge of another adapter is wrong, or at another scale`() throws {
    let report = try verify("lora", ["rslora"])
    #expect(!report.isRight)
    #expect(report.failures.count == 14)
  }
}
