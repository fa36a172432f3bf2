// Names the calling thread, so that operators and profilers can tell which one is busy. At most 15 characters.
#pragma once

namespace outpost::http {

void NameThisThread(const char* name);

}  // namespace outpost::http
