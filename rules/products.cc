// PRODUCT_PUT_V1 {sku, name, price, station?, category?, variants?}: creates or replaces products/{sku}. An internal
// "_variant" document per variant leads from its article code to the product, so that an order can be checked.
#include <algorithm>

#include "rules/catalog_check.h"
#include "rules/payload_reader.h"
#include "rules/types.h"

namespace outpost::rules {
namespace {

constexpr Range kVariantCount{0, 100};

std::vector<std::string_view> VariantCodes(const json::object& product) {
  std::vector<std::string_view> codes;
  const json::value* variants = Find(product, "variants");
  if (variants == nullptr || !variants->is_array()) return codes;
  for (const json::value& variant : variants->get_array()) {
    codes.push_back(variant.is_object() ? StringOr(variant.get_object(), "sku") : std::string_view());
  }
  return codes;
}

bool Contains(const std::vector<std::string_view>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::string VariantPath(std::size_t index) { return "variants[" + std::to_string(index) + "].sku"; }

std::vector<FieldError> Validate(const json::object& payload) {
  PayloadReader reader(payload);
  reader.ArticleId("sku");
  reader.Text("name", Presence::kRequired, kFilledText);
  reader.Integer("price", Presence::kRequired, kMoney);
  reader.Text("station", Presence::kOptional, kAnyText);
  reader.Text("category", Presence::kOptional, kAnyText);
  reader.Objects("variants", Presence::kOptional, kVariantCount, [](PayloadReader& variant) {
    variant.ArticleId("sku");
    variant.Text("name", Presence::kRequired, kFilledText);
    variant.Integer("price", Presence::kRequired, kMoney);
  });
  std::vector<std::string_view> seen = {StringOr(payload, "sku")};
  const std::vector<std::string_view> codes = VariantCodes(payload);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (!codes[i].empty() && Contains(seen, codes[i])) reader.Fail(VariantPath(i), "is used twice in this product");
    seen.push_back(codes[i]);
  }
  return reader.Finish();
}

json::array Variants(const json::array& variants) {
  json::array result;
  result.reserve(variants.size());
  for (const json::value& value : variants) {
    const json::object& variant = value.get_object();
    result.emplace_back(json::object{{"sku", StringOr(variant, "sku")},
                                     {"name", StringOr(variant, "name")},
                                     {"price", IntegerOr(variant, "price", 0)}});
  }
  return result;
}

json::object ProductBody(const json::object& payload) {
  json::object body;
  body.reserve(6);
  body.emplace("sku", StringOr(payload, "sku"));
  body.emplace("name", StringOr(payload, "name"));
  body.emplace("price", IntegerOr(payload, "price", 0));
  for (const std::string_view field : {"station", "category"}) {
    const json::value* value = Find(payload, field);
    if (value != nullptr && value->is_string()) body.emplace(field, *value);
  }
  const json::value* variants = Find(payload, "variants");
  if (variants != nullptr && variants->is_array()) body.emplace("variants", Variants(variants->get_array()));
  return body;
}

// Writes of the _variant documents that change between two versions of a product, or errors for codes another product
// has; nullopt: more documents are needed.
struct VariantIndex {
  std::vector<Write> writes;
  std::vector<FieldError> errors;
};

std::optional<VariantIndex> IndexVariants(const json::object* before, const json::object& payload,
                                          Documents& documents) {
  VariantIndex index;
  const std::string_view sku = StringOr(payload, "sku");
  const std::vector<std::string_view> old_codes =
      before != nullptr ? VariantCodes(*before) : std::vector<std::string_view>();
  const std::vector<std::string_view> new_codes = VariantCodes(payload);
  bool all_known = true;
  for (std::size_t i = 0; i < new_codes.size(); ++i) {
    const DocumentKey key = VariantKey(new_codes[i]);
    const std::optional<Snapshot> owner = documents.Find(key);
    if (!owner) {
      all_known = false;
    } else if (owner->holding == Holding::kAbsent) {
      index.writes.push_back({key, Access::kCreates, Put{{{"product", sku}}}});
    } else if (owner->holding == Holding::kFound && StringOr(*owner->body, "product") != sku) {
      index.errors.push_back({VariantPath(i), "belongs to product " + std::string(StringOr(*owner->body, "product"))});
    }
  }
  for (const std::string_view code : old_codes) {
    if (!Contains(new_codes, code)) index.writes.push_back({VariantKey(code), Access::kUpdates, Delete{}});
  }
  if (!all_known) return std::nullopt;
  return index;
}

Outcome PutProduct(const Context&, const json::object& payload, Documents& documents) {
  const DocumentKey key = ProductKey(StringOr(payload, "sku"));
  const std::optional<Snapshot> before = documents.Find(key);
  if (!before) return NeedsDocuments{};
  std::optional<VariantIndex> index = IndexVariants(before->body, payload, documents);
  if (!index) return NeedsDocuments{};
  if (!index->errors.empty()) {
    return Refusal{
        {ProblemCode::kValidationFailed, "An article code can belong to one product only.", std::move(index->errors)},
        std::nullopt};
  }
  Applied applied;
  applied.resource = key;
  applied.http_status = before->holding == Holding::kFound ? 200 : 201;
  applied.writes.push_back({key, Access::kUpdates, Put{ProductBody(payload)}});
  for (Write& write : index->writes) applied.writes.push_back(std::move(write));
  return applied;
}

}  // namespace

CommandType ProductPutType() {
  CommandType type;
  type.family = "PRODUCT_PUT";
  type.accesses = {{CollectionName("products"), "sku", Access::kUpdates, false}};
  type.roles = StaffRoles();
  type.validate = Validate;
  type.apply = PutProduct;
  return type;
}

}  // namespace outpost::rules
