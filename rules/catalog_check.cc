#include "rules/catalog_check.h"

#include <string>

namespace outpost::rules {
namespace {

enum class Listing { kUnknown, kListed, kMissing };

Listing LookUp(std::string_view sku, Documents& documents) {
  if (!IsValidId(sku)) return Listing::kMissing;
  const std::optional<Snapshot> product = documents.Find(ProductKey(sku));
  if (!product) return Listing::kUnknown;
  if (product->holding != Holding::kAbsent) return Listing::kListed;
  const std::optional<Snapshot> variant = documents.Find(VariantKey(sku));
  if (!variant) return Listing::kUnknown;
  return variant->holding != Holding::kAbsent ? Listing::kListed : Listing::kMissing;
}

}  // namespace

DocumentKey ProductKey(std::string_view sku) { return {CollectionName("products"), DocumentId(std::string(sku))}; }
DocumentKey VariantKey(std::string_view sku) { return {CollectionName("_variant"), DocumentId(std::string(sku))}; }

std::optional<std::vector<FieldError>> CheckCatalog(const Context& context, const json::array& items,
                                                    Documents& documents) {
  std::vector<FieldError> errors;
  if (!context.require_catalog) return errors;
  bool all_known = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string_view sku = StringOr(items[i].get_object(), "sku");
    const Listing listing = LookUp(sku, documents);
    if (listing == Listing::kUnknown) all_known = false;
    if (listing == Listing::kMissing) {
      errors.push_back({"items[" + std::to_string(i) + "].sku", "is not in the catalog: " + std::string(sku)});
    }
  }
  if (!all_known) return std::nullopt;
  return errors;
}

}  // namespace outpost::rules
