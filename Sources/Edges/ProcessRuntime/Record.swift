// The small files by which a runtime and its shims tell each other what is so: lines of a key, a space and a value.
// A key may come several times. Values may hold anything: a line feed in one is written \n, a backslash \\.

struct Record: Equatable {
  private(set) var fields: [(key: String, value: String)] = []

  init() {}

  static func == (left: Record, right: Record) -> Bool { left.encoded == right.encoded }

  subscript(key: String) -> String? {
    get { fields.last { $0.key == key }?.value }
    set {
      fields.removeAll { $0.key == key }
      if let newValue { fields.append((key, newValue)) }
    }
  }

  func all(_ key: String) -> [String] { fields.filter { $0.key == key }.map(\.value) }

  func integer(_ key: String) -> Int? { self[key].flatMap { Int($0) } }

  mutating func append(_ key: String, _ values: [String]) {
    for value in values { fields.append((key, value)) }
  }
}

extension Record {
  static func read(_ path: String) -> Record? { Files.read(path).map { Record(decoding: $0) } }

  func write(to path: String) throws(SystemError) { try Files.replace(path, with: encoded) }

  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    for (key, value) in fields {
      bytes += key.utf8
      bytes.append(space)
      for byte in value.utf8 {
        switch byte {
        case lineFeed: bytes += [backslash, letterN]
        case backslash: bytes += [backslash, backslash]
        default: bytes.append(byte)
        }
      }
      bytes.append(lineFeed)
    }
    return bytes
  }

  init(decoding bytes: [UInt8]) {
    for line in bytes.split(separator: lineFeed) {
      guard let keyEnd = line.firstIndex(of: space) else { continue }
      var value: [UInt8] = []
      var isEscaped = false
      for byte in line[(keyEnd + 1)...] {
        if isEscaped {
          value.append(byte == letterN ? lineFeed : byte)
          isEscaped = false
        } else if byte == backslash {
          isEscaped = true
        } else {
          value.append(byte)
        }
      }
      fields.append((String(decoding: line[..<keyEnd], as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
  }
}

private let space = UInt8(ascii: " ")
private let lineFeed = UInt8(ascii: "\n")
private let backslash = UInt8(ascii: "\\")
private let letterN = UInt8(ascii: "n")
