import Objects

// What every group of the API speaks besides its own kinds: lists, and the status that stands for an error. Nothing here
// is stored. Specified by the Kubernetes API reference, "Common Definitions".

/// What a list says of itself, as a schema.
struct ListMeta: Structure {
  static let schemaName = "meta.v1.ListMeta"
  static let documentation = "What a list says of itself: its version, and how to go on with it."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let selfLink = Field<String>(1, "No longer filled in; kept so that old clients can read it.")
    let resourceVersion = Field<String>(2, "The moment that the list shows; a watch can go on from it.")
    let `continue` = Field<String>(3, "Fetches the next page; empty on the last one.")
    let remainingItemCount = Field<Int64>(4, "How many objects follow on later pages, if that is known.")
  }
}

/// The answer that is no object: an error, or word of something that has been done.
struct Status: Structure {
  static let schemaName = "meta.v1.Status"
  static let documentation = "How a request went, where the answer is not an object."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let apiVersion = Field<String>(0, "The group and version in which the answer is written.")
    let kind = Field<String>(0, "Status.")
    let metadata = Part<ListMeta>(1, "Empty.")
    let status = Field<String>(2, "Success or Failure.")
    let message = Field<String>(3, "A sentence for people.")
    let reason = Field<String>(4, "One word for programs: why.")
    let details = Field<StatusDetails>(5, "What the request was about, and what was wrong with it.")
    let code = Field<Int>(6, "The status code of HTTP.")
  }
}

/// What a request was about, and what was wrong with it.
struct StatusDetails: Structure {
  static let schemaName = "meta.v1.StatusDetails"
  static let documentation = "What a request was about, and what was wrong with it."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let name = Field<String>(1, "The object's name.")
    let group = Field<String>(2, "The group of its resource.")
    let kind = Field<String>(3, "Its resource, or its kind.")
    let uid = Field<String>(6, "The object's unique identifier.")
    let causes = List<StatusCause>(4, "Everything that was wrong, one by one.", .atomic)
    let retryAfterSeconds = Field<Int>(5, "When to try again.")
  }
}

/// One thing that was wrong with a request.
struct StatusCause: Structure {
  static let schemaName = "meta.v1.StatusCause"
  static let documentation = "One thing that was wrong with a request."
  var json: Value
  init(json: Value) { self.json = json }

  struct Fields: Facet {
    static let all = named()

    let reason = Field<String>(1, "One word for programs: what is wrong.")
    let message = Field<String>(2, "A sentence for people: what is wrong.")
    let field = Field<String>(3, "The path of the field that is wrong.")
  }
}
