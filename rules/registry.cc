#include <algorithm>

#include "rules/types.h"

namespace outpost::rules {
namespace {

const std::vector<CommandType>& Types() {
  static const std::vector<CommandType> types = {
      OrderCreateType(),     OrderModifyType(),        OrderAddItemsType(),  OrderChangeLineType(),
      OrderRemoveLineType(), OrderSendToKitchenType(), OrderCloseType(),     OrderCancelType(),
      TicketStartType(),     TicketMarkReadyType(),    TicketBumpType(),     ProductPutType(),
      InventoryAdjustType(), InventoryAdjustTypeV1(),  InventoryCountType(), DocumentCreateType(),
      DocumentPutType(),     DocumentPatchType(),      DocumentDeleteType(), CounterAddType(),
      ListAppendType(),
  };
  return types;
}

}  // namespace

const CommandType* FindType(std::string_view family, int version) {
  const std::vector<CommandType>& types = Types();
  const auto found = std::find_if(types.begin(), types.end(), [&](const CommandType& type) {
    return type.family == family && type.version == version;
  });
  return found == types.end() ? nullptr : &*found;
}

std::span<const CommandType> AllTypes() { return Types(); }

}  // namespace outpost::rules
