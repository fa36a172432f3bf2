// The command types that ship with Outpost, each made by the file that holds its rule; registry.cc gathers them.
#pragma once

#include <string_view>
#include <vector>

#include "rules/rule.h"

namespace outpost::rules {

CommandType OrderCreateType();
CommandType OrderModifyType();
CommandType OrderAddItemsType();
CommandType OrderChangeLineType();
CommandType OrderRemoveLineType();
CommandType OrderSendToKitchenType();
CommandType OrderCloseType();
CommandType OrderCancelType();
CommandType TicketStartType();
CommandType TicketMarkReadyType();
CommandType TicketBumpType();
CommandType ProductPutType();
CommandType InventoryAdjustType();
CommandType InventoryAdjustTypeV1();
CommandType InventoryCountType();
CommandType DocumentCreateType();
CommandType DocumentPutType();
CommandType DocumentPatchType();
CommandType DocumentDeleteType();
CommandType CounterAddType();
CommandType ListAppendType();

// Who works the tills, and who works the kitchen; admin may do everything anyway.
inline std::vector<std::string_view> StaffRoles() { return {"staff", "terminal"}; }
inline std::vector<std::string_view> KitchenRoles() { return {"staff", "terminal", "kitchen"}; }

}  // namespace outpost::rules
