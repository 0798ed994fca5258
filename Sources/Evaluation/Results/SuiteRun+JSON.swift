internal import Adapters
internal import Digests
public import JSON
internal import Tensors

extension SuiteRun {
  /// The result: everything it depends on by digest, and every number. Neither the threads nor the
  /// time nor any path takes part, so equal runs on one processor give equal documents.
  public var json: JSONValue {
    [
      "schema": "adapterctl.evaluate/1",
      "suite": [
        "name": .string(prepared.suite.name), "digest": .string(prepared.suite.digest.description),
      ],
      "tokenizer": .string(prepared.tokenizer.description),
      "beginning": [
        "template": .array(prepared.specials.template.map { .integer($0) }),
        "fallback": prepared.specials.fallback.map { .integer($0) } ?? .null,
      ],
      "end": prepared.specials.end.map { .integer($0) } ?? .null,
      "max_length": .integer(prepared.length),
      "engine": ["name": "native", "semantics": 1, "compute": "fp32", "blas": .string(kernels)],
      "tasks": .array(tasks.map(\.json)),
      "targets": .array(entries.map { entry in json(of: entry) }),
    ]
  }

  private func json(of entry: Entry) -> JSONValue {
    var json: JSONValue = [
      "name": .string(entry.target.name),
      "form": .string(entry.target.form.rawValue),
      "weights": .string(entry.identity.weights.description),
      "configuration": .string(entry.identity.configuration.description),
      "adapters": .array(
        zip(entry.target.adapters, entry.identity.adapters).map { adapter, id in
          ["id": .string(id.description), "weight": .number(adapter.weight)]
        }),
      "changed_tensors": .integer(entry.changedTensorCount),
    ]
    json.set(
      "results",
      to: .array(
        tasks.indices.map { number in
          var result = tasks[number].json(of: entry.losses[number])
          if entry.target.form != .base {
            let difference = difference(of: entry, task: number)
            result.set(
              "difference",
              to: [
                "nll": .number(difference.delta),
                "standard_error": difference.standardError.map { .number($0) } ?? .null,
                "documents": .integer(tasks[number].documentCount),
              ])
          }
          return result
        }))
    return json
  }
}

extension SuiteTask.Mask {
  /// The key of the loss over the tokens that the mask counts.
  fileprivate var key: String {
    switch self {
    case .response: return "nll_response"
    case .all: return "nll_all"
    case .noTemplate: return "nll_no_template"
    }
  }
}

extension PreparedTask {
  var json: JSONValue {
    [
      "name": .string(task.name),
      "role": task.role.map { .string($0.rawValue) } ?? .null,
      "kind": .string(task.kind.isText ? "text" : "nll"),
      "mask": .string(task.mask.rawValue),
      "data": .string(dataDigest.description),
      "documents": .integer(documentCount),
      "documents_in_file": .integer(totalCount),
      "bytes": .integer(byteCount),
      "truncated": .integer(truncatedCount),
      "straddling_tokens": .integer(straddlingCount),
    ]
  }

  /// The numbers of one target.
  func json(of loss: TaskLoss) -> JSONValue {
    func sum(_ segment: PromptFormat.Segment) -> JSONValue {
      let nats = loss.documents.reduce(0.0) { $0 + $1.sums[segment.rawValue].nats }
      let tokens = loss.documents.reduce(0) { $0 + $1.sums[segment.rawValue].tokens }
      return ["nll": .number(nats), "tokens": .integer(tokens)]
    }
    var json: JSONValue = [
      "task": .string(task.name),
      "nll": .number(loss.loss(task.mask)),
      "perplexity": .number(loss.perplexity(task.mask)),
      "tokens": .integer(loss.sum(task.mask).tokens),
    ]
    if task.kind.isText {
      json.set("bits_per_byte", to: .number(loss.bitsPerByte))
      return json
    }
    json.set("greedy", to: .number(loss.greedyShare))
    for mask in SuiteTask.Mask.allCases {
      json.set(mask.key, to: .number(loss.loss(mask)))
    }
    json.set(
      "sums",
      to: [
        "prompt": sum(.prompt), "template": sum(.template), "response": sum(.response),
      ])
    return json
  }
}
