#include "server/routes/command_routes.h"

#include "server/routes/rest_write.h"

namespace outpost::server {
namespace {

constexpr const char* kOrders = "/pos/orders/";
constexpr const char* kProducts = "/catalog/products/";
constexpr const char* kDocuments = "/collections/{collection}/";
constexpr const char* kStock = "/inventory/stock?sku=";

constexpr CommandRoute kCommandRoutes[] = {
    {"POST", "/pos/orders", "ORDER_CREATE_V1", "Create an order", kOrders},
    {"PATCH", "/pos/orders/{id}", "ORDER_MODIFY_V1", "Change table or items while the order is NEW", nullptr},
    {"POST", "/pos/orders/{id}/items", "ORDER_ADD_ITEMS_V1", "Add items; needs no version", nullptr},
    {"POST", "/pos/orders/{id}/lines/{lineId}", "ORDER_CHANGE_LINE_V1", "Change one line", nullptr},
    {"DELETE", "/pos/orders/{id}/lines/{lineId}", "ORDER_REMOVE_LINE_V1", "Remove one line", nullptr},
    {"POST", "/pos/orders/{id}/send-to-kitchen", "ORDER_SEND_TO_KITCHEN_V1",
     "Make a ticket per station for unsent lines", nullptr},
    {"POST", "/pos/orders/{id}/close", "ORDER_CLOSE_V1", "Record a payment and close the order when it is covered",
     nullptr},
    {"POST", "/pos/orders/{id}/cancel", "ORDER_CANCEL_V1", "Cancel an order and its tickets", nullptr},
    {"POST", "/kds/tickets/{id}/start", "TICKET_START_V1", "Start a ticket", nullptr},
    {"POST", "/kds/tickets/{id}/mark-ready", "TICKET_MARK_READY_V1", "Mark a ticket ready; twice is once", nullptr},
    {"POST", "/kds/tickets/{id}/bump", "TICKET_BUMP_V1", "Take a ticket off the screen", nullptr},
    {"POST", "/catalog/products", "PRODUCT_PUT_V1", "Create or replace a product", kProducts},
    {"PUT", "/catalog/products/{sku}", "PRODUCT_PUT_V1", "Create or replace a product", kProducts},
    {"POST", "/inventory/adjustments", "INVENTORY_ADJUST_V1", "Add to or take from stock", kStock},
    {"POST", "/inventory/counts", "INVENTORY_COUNT_V1", "Record a count of stock", kStock},
    {"POST", "/collections/{collection}", "DOCUMENT_CREATE_V1", "Create a document of a declared collection",
     kDocuments},
    {"PUT", "/collections/{collection}/{id}", "DOCUMENT_PUT_V1", "Create or replace a document", kDocuments},
    {"PATCH", "/collections/{collection}/{id}", "DOCUMENT_PATCH_V1", "Change fields of a document (RFC 7396)", nullptr},
    {"DELETE", "/collections/{collection}/{id}", "DOCUMENT_DELETE_V1", "Delete a document", nullptr},
    {"POST", "/collections/{collection}/{id}/counters/{field}", "COUNTER_ADD_V1", "Add to a whole number; commutes",
     kDocuments},
    {"POST", "/collections/{collection}/{id}/lists/{field}", "LIST_APPEND_V1", "Append to a list; commutes", nullptr},
};

}  // namespace

std::vector<Route> CommandRoutes(Services& services) {
  std::vector<Route> routes;
  for (const CommandRoute& row : kCommandRoutes) {
    Route route;
    route.method = row.method;
    route.pattern = row.pattern;
    route.summary = row.summary;
    route.command_type = row.type;
    route.writes = true;
    route.handle = [&services, &row](const CallPtr& call) { HandleRestWrite(services, row, call); };
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace outpost::server
