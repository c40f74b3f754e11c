// The built-in image `shop`: the programs of a small web shop, for examples that need more than a greeting.
//
//   shop catalog   what there is to buy and what is cheaper, from files that may change while it runs
//   shop orders    takes orders from those who know the key, and keeps them in a file
//   shop front     the page for customers, made from what the other two say
//   shop report    says how many orders there are, and ends

import Foundation
import Objects

/// Runs one of the shop's programs; answers with its exit code.
func runShopImage(version: String, arguments: [String]) -> Int32 {
  let shop: any ShopProgram
  let orders = variable("ORDERS_URL") ?? "http://orders"
  switch arguments.first {
  case "catalog":
    shop = Catalog(
      file: variable("CATALOG_FILE") ?? "/etc/shop/products.json",
      discounts: variable("DISCOUNTS_DIRECTORY") ?? "/etc/discounts")
  case "orders": shop = Orders(directory: variable("DATA_DIRECTORY") ?? "/var/lib/shop", key: variable("API_KEY"))
  case "front":
    shop = Front(
      catalog: variable("CATALOG_URL") ?? "http://catalog", orders: orders, key: variable("API_KEY"),
      greeting: variable("GREETING") ?? "Welcome", version: version, pod: variable("HOSTNAME") ?? "front")
  case "report": return report(on: orders)
  default:
    return complain("shop: say which of its programs to run: catalog, orders, front or report")
  }
  let server = SmallServer { request in
    switch request.path {
    case "/healthz": return .text("200 OK", "alive\n")
    case "/ready": return shop.fault.map { .text("503 Service Unavailable", "\($0)\n") } ?? .text("200 OK", "ready\n")
    default: return shop.respond(to: request)
    }
  }
  let role = arguments.first ?? ""
  return serve(server, as: "shop \(role)", defaultPort: 8080) { "shop \(role) \(version) listens on port \($0)" }
}

private func report(on orders: String) -> Int32 {
  guard let count = countOrders(at: orders) else { return complain("shop report: \(orders) does not answer") }
  let line = "\(count) orders so far\n"
  return (try? Descriptor(duplicating: 1).write(Array(line.utf8))) == nil ? 1 : 0
}

private func countOrders(at orders: String) -> Int64? {
  try? Value(parsing: SmallClient.send("GET", orders + "/orders").body)["count"]?.integer
}

private protocol ShopProgram {
  /// Why it cannot serve just now; nil when it can.
  var fault: String? { get }
  func respond(to request: SmallRequest) -> SmallResponse
}

private struct Catalog: ShopProgram {
  let file: String
  /// Holds a file for each product that is cheaper, with the percents.
  let discounts: String

  private var products: Value? {
    let products = FileManager.default.contents(atPath: file).flatMap { try? Value(parsing: Array($0)) }
    return products?.array.map { .array($0.map(discounted)) } ?? products
  }

  private func discounted(_ product: Value) -> Value {
    guard let name = product["name"]?.string, !name.contains("/"),
      let text = FileManager.default.contents(atPath: "\(discounts)/\(name)"),
      let percent = Int64(String(decoding: text, as: UTF8.self))
    else { return product }
    var product = product
    product["discount"] = .integer(percent)
    return product
  }

  var fault: String? { products == nil ? "\(file) is missing, or is not JSON" : nil }

  func respond(to request: SmallRequest) -> SmallResponse {
    guard request.path == "/products" else { return .notFound }
    return products.map { .json($0) } ?? .text("500 Internal Server Error", "\(fault ?? "")\n")
  }
}

private struct Orders: ShopProgram {
  let directory: String
  let key: String?

  private var file: String { directory + "/orders.jsonl" }

  var fault: String? {
    if key == nil { return "API_KEY is not set" }
    return FileManager.default.isWritableFile(atPath: directory) ? nil : "\(directory) cannot be written"
  }

  func respond(to request: SmallRequest) -> SmallResponse {
    guard request.path == "/orders" else { return .notFound }
    if request.method == "GET" {
      let lines = FileManager.default.contents(atPath: file).map { $0.count { $0 == UInt8(ascii: "\n") } } ?? 0
      return .json(["count": .integer(Int64(lines))])
    }
    guard let key, request.header("authorization") == "Bearer \(key)" else {
      return .text("401 Unauthorized", "Orders are taken from those who know the key.\n")
    }
    guard request.method == "POST", let order = try? Value(parsing: request.body), order["product"]?.string != nil
    else { return .text("400 Bad Request", "An order is a JSON object that names a product.\n") }
    do {
      let descriptor = try Descriptor(opening: file, O_WRONLY | O_APPEND | O_CREAT, mode: 0o644)
      try descriptor.write(Array((order.encodedString + "\n").utf8))
      guard fsync(descriptor.number) == 0 else { throw SystemError("fsync") }
      return .json(order, status: "201 Created")
    } catch {
      return .text("500 Internal Server Error", "The order is not kept: \(error)\n")
    }
  }
}

private struct Front: ShopProgram {
  let catalog: String
  let orders: String
  let key: String?
  let greeting: String
  let version: String
  let pod: String

  var fault: String? { nil }

  func respond(to request: SmallRequest) -> SmallResponse {
    switch (request.method, request.path) {
    case ("GET", "/"): page()
    case ("POST", "/buy"): buy(request)
    default: .notFound
    }
  }

  private func page() -> SmallResponse {
    let products = try? Value(parsing: SmallClient.send("GET", catalog + "/products").body)
    let count = countOrders(at: orders)
    let rows = (products?.array ?? []).map { product in
      let (name, price) = (escaped(product["name"]?.string ?? "?"), escaped(product["price"]?.string ?? "?"))
      return "<li>\(name): \(price)\(product["discount"]?.integer.map { ", \($0) % off" } ?? "")</li>"
    }
    let list = rows.isEmpty ? "<p>The catalog cannot be reached.</p>" : "<ul>\n\(rows.joined(separator: "\n"))\n</ul>"
    let sold = count.map { "\($0) orders so far" } ?? "orders cannot be taken just now"
    let body = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>Shop</title></head>
      <body>
      <h1>\(escaped(greeting))</h1>
      \(list)
      <p>\(sold). Served by \(escaped(pod)), version \(escaped(version)).</p>
      </body></html>

      """
    return SmallResponse(status: "200 OK", body: body, contentType: "text/html; charset=utf-8")
  }

  private func buy(_ request: SmallRequest) -> SmallResponse {
    do {
      let answer = try SmallClient.send(
        "POST", orders + "/orders", headers: ["Authorization: Bearer \(key ?? "")", "Content-Type: application/json"],
        body: request.body)
      return SmallResponse(
        status: answer.status, body: String(decoding: answer.body, as: UTF8.self), contentType: answer.contentType)
    } catch {
      return .text("502 Bad Gateway", "\(orders) does not answer: \(error)\n")
    }
  }

  private func escaped(_ text: String) -> String {
    text.reduce(into: "") { $0 += ["<": "&lt;", ">": "&gt;", "&": "&amp;", "\"": "&quot;"][$1] ?? String($1) }
  }
}

extension SmallResponse {
  fileprivate static let notFound = text("404 Not Found", "There is nothing here.\n")

  fileprivate static func text(_ status: String, _ body: String) -> SmallResponse {
    SmallResponse(status: status, body: body)
  }

  fileprivate static func json(_ value: Value, status: String = "200 OK") -> SmallResponse {
    SmallResponse(status: status, body: value.encodedString + "\n", contentType: "application/json")
  }
}
