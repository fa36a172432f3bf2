#include "server/routes/business_routes.h"

#include "server/routes/documents.h"
#include "server/routes/kitchen_queue.h"
#include "server/routes/problem_response.h"

namespace outpost::server {
namespace {

using Answer = http::Response (*)(Services&, Call&);

Route Get(Services& services, std::string pattern, std::string summary, std::vector<std::string> query, Answer answer) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.query = std::move(query);
  route.handle = [&services, answer](const CallPtr& call) {
    AnswerOnReader(services, call, [&services, answer](Call& asked) { return answer(services, asked); });
  };
  return route;
}

http::Response Orders(Services& services, Call& call) {
  const std::string_view status = call.Query("status");
  return ListAnswer(services, call, {CollectionName("orders"), status.empty() ? "" : "status", status});
}

http::Response Order(Services& services, Call& call) {
  return DocumentAnswer(services, call, {CollectionName("orders"), DocumentId(call.Parameter("id"))});
}

http::Response Ticket(Services& services, Call& call) {
  return DocumentAnswer(services, call, {CollectionName("tickets"), DocumentId(call.Parameter("id"))});
}

http::Response Products(Services& services, Call& call) {
  return ListAnswer(services, call, {CollectionName("products"), "", ""});
}

http::Response Product(Services& services, Call& call) {
  return DocumentAnswer(services, call, {CollectionName("products"), DocumentId(call.Parameter("sku"))});
}

http::Response Stock(Services& services, Call& call) {
  const std::string_view sku = call.Query("sku");
  if (sku.empty()) return ListAnswer(services, call, {CollectionName("stock"), "", ""});
  return DocumentAnswer(services, call, {CollectionName("stock"), DocumentId(std::string(sku))});
}

http::Response Ledger(Services& services, Call& call) {
  return ListAnswer(services, call, {CollectionName("ledger"), "", ""});
}

}  // namespace

std::vector<Route> BusinessRoutes(Services& services) {
  std::vector<Route> routes;
  routes.push_back(Get(services, "/pos/orders", "Orders, newest first", {"status", "limit", "cursor"}, Orders));
  routes.push_back(Get(services, "/pos/orders/{id}", "One order", {}, Order));
  routes.push_back(Get(services, "/kds/queue", "What the kitchen has to do, or what changed since a cursor",
                       {"station", "since"}, KitchenQueue));
  routes.push_back(Get(services, "/kds/tickets/{id}", "One ticket", {}, Ticket));
  routes.push_back(Get(services, "/catalog/products", "Products", {"limit", "cursor"}, Products));
  routes.push_back(Get(services, "/catalog/products/{sku}", "One product", {}, Product));
  routes.push_back(
      Get(services, "/inventory/stock", "Stock of one article, or of all", {"sku", "limit", "cursor"}, Stock));
  routes.push_back(Get(services, "/erp/ledger", "Ledger entries, newest first", {"limit", "cursor"}, Ledger));
  return routes;
}

}  // namespace outpost::server
