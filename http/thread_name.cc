#include "http/thread_name.h"

#include <pthread.h>

namespace outpost::http {

void NameThisThread(const char* name) { pthread_setname_np(pthread_self(), name); }

}  // namespace outpost::http
