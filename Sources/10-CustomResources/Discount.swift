public import Objects

/// Percents off a product, until a moment: a kind that a shop brings along.
///
/// Users write the spec, the ``DiscountController`` writes the status, and it is woken by changes of discounts, by changes
/// of the list that it keeps, and by the time at which one ends. The cluster does not know this type. It serves the kind
/// because a definition says so; the view is for those who work with it.
public struct Discount: Resource {
  public static let schemaName = "example.shop.v1.Discount"
  public static let documentation = "Percents off a product, until a moment."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let spec = Part<DiscountSpec>(2, "What is cheaper, by how much, how long.")
    public let status = Part<DiscountStatus>(3, "Whether it counts.")
  }

  public static let kind = Kind(Discount.self, group: "shop.example", name: "Discount", resource: "discounts")
}

public struct DiscountSpec: Structure {
  public static let schemaName = "example.shop.v1.DiscountSpec"
  public static let documentation = "What is cheaper, by how much, how long."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let product = Field<String>(1, "The product's name.")
    public let percent = Field<Int>(2, "1 to 90.")
    public let until = Field<Time>(3, "When it ends; never when empty.")
  }
}

public struct DiscountStatus: Structure {
  public static let schemaName = "example.shop.v1.DiscountStatus"
  public static let documentation = "Whether it counts."
  public var json: Value
  public init(json: Value) { self.json = json }

  public struct Fields: Facet {
    public init() {}
    public static let all = named()

    public let active = Field<Bool>(1, "Whether the product is cheaper because of it.")
  }
}
