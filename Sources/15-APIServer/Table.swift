import ControlLoop
import Objects

/// Rows of text for people: what `kubectl get` prints is made here, so that clients need not know the kinds.
/// Specified by the Kubernetes documentation, "API concepts" ("Receiving resources as Tables").
struct Table: Sendable {
  private let columns: [Column]
  private let inclusion: Form.Inclusion

  init(of kind: Kind, including inclusion: Form.Inclusion) {
    columns = kind.table
    self.inclusion = inclusion
  }

  /// Everything up to the first row. The columns are null where the client has them already.
  func head(_ metadata: ListMetadata, withColumns: Bool) -> [UInt8] {
    let definitions = withColumns ? Value.array(columns.map(\.definition)) : .null
    return Array("{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":".utf8) + metadata.encoded
      + Array(",\"columnDefinitions\":".utf8) + definitions.encoded() + Array(",\"rows\":[".utf8)
  }

  func row(_ value: Value, _ bytes: @autoclosure () -> [UInt8], at now: Time) -> [UInt8] {
    var row = Array("{\"cells\":".utf8)
    Value.array(columns.map { $0.cell(value, now) }).encode(into: &row)
    row += Array(",\"object\":".utf8)
    switch inclusion {
    case .none: row += Array("null".utf8)
    case .metadata: row += Presentation.metadata(of: value)
    case .object: row += bytes()
    }
    row.append(UInt8(ascii: "}"))
    return row
  }
}

extension Column {
  fileprivate var definition: Value {
    [
      "name": .string(name), "type": .string(type), "format": name == "Name" ? "name" : "",
      "description": .string(documentation), "priority": .integer(Int64(priority)),
    ]
  }
}
