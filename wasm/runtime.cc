// What libraries expect of a system, for modules without one: Boost.JSON's code (its library is not built for
// WebAssembly), the end of a program that met what it would have thrown, and SQLite's operating system.
#include <boost/json/src.hpp>
#include <boost/throw_exception.hpp>
#include <cstdio>
#include <cstdlib>

namespace boost {

void throw_exception(const std::exception& what, const source_location&) {
  std::fputs(what.what(), stderr);
  std::abort();
}
void throw_exception(const std::exception& what) { throw_exception(what, BOOST_CURRENT_LOCATION); }

}  // namespace boost

// A VFS of ours registers itself later.
extern "C" {
int sqlite3_os_init(void);
int sqlite3_os_end(void);
int sqlite3_os_init(void) { return 0; }
int sqlite3_os_end(void) { return 0; }
}
