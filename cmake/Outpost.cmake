# One CMake target per leaf folder, so that linking enforces who may use whom.
#   outpost_library(engine_store SOURCES a.cc LINK outpost_sqlite TESTS a_test.cc)   → target outpost_engine_store
#   HOT: every read and write goes through it, and in WebAssembly a few bytes more are well spent.
#   outpost_program(name SOURCES main.cc LINK …)

find_package(Threads REQUIRED)
if(EMSCRIPTEN)
  set(OUTPOST_TESTS OFF)
else()
  find_package(Boost 1.81 REQUIRED COMPONENTS json)
  find_package(SQLite3 REQUIRED)
  find_package(mimalloc REQUIRED)
endif()
if(OUTPOST_TESTS)
  find_package(GTest REQUIRED)
  enable_testing()
  include(GoogleTest)
endif()

add_library(outpost_flags INTERFACE)
target_include_directories(outpost_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(outpost_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow
                                               -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside Boost.JSON's and std::variant's own code when it inlines them.
  target_compile_options(outpost_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(OUTPOST_MUTANTS)
  target_compile_definitions(outpost_flags INTERFACE OUTPOST_MUTANTS=1)
endif()
if(OUTPOST_WERROR)
  target_compile_options(outpost_flags INTERFACE -Werror)
endif()
if(OUTPOST_SANITIZE)
  target_compile_options(outpost_flags INTERFACE -fsanitize=${OUTPOST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(outpost_flags INTERFACE -fsanitize=${OUTPOST_SANITIZE})
endif()
find_program(OUTPOST_MOLD mold)
if(OUTPOST_MOLD AND NOT EMSCRIPTEN)
  target_link_options(outpost_flags INTERFACE -fuse-ld=mold)
endif()
if(NOT EMSCRIPTEN)
  target_link_libraries(outpost_flags INTERFACE Boost::json)
else()
  # Of the system's headers only these two may be seen: the rest belongs to another C library.
  set(OUTPOST_WASM_INCLUDE ${CMAKE_BINARY_DIR}/include)
  file(MAKE_DIRECTORY ${OUTPOST_WASM_INCLUDE})
  file(CREATE_LINK /usr/include/boost ${OUTPOST_WASM_INCLUDE}/boost SYMBOLIC)
  set(OUTPOST_SQLITE_AMALGAMATION ${CMAKE_SOURCE_DIR}/web/node_modules/better-sqlite3/deps/sqlite3 CACHE PATH
      "Folder of sqlite3.c and sqlite3.h")
  if(NOT EXISTS ${OUTPOST_SQLITE_AMALGAMATION}/sqlite3.c)
    message(FATAL_ERROR "no SQLite amalgamation in ${OUTPOST_SQLITE_AMALGAMATION}: run `npm ci` in web/ (./dev build wasm does)")
  endif()
  file(CREATE_LINK ${OUTPOST_SQLITE_AMALGAMATION}/sqlite3.h ${OUTPOST_WASM_INCLUDE}/sqlite3.h SYMBOLIC)
  # docs/decisions/0070: nothing here catches, and cleaning up after throws would be a third of the module. 0088: emcc
  # forbids inlining where size counts.
  target_compile_options(outpost_flags INTERFACE -fno-exceptions -finline-functions
                                                 -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
  target_compile_definitions(outpost_flags INTERFACE BOOST_NO_EXCEPTIONS)
  target_include_directories(outpost_flags SYSTEM INTERFACE ${OUTPOST_WASM_INCLUDE})
  # One thread, one connection, no files but those of a VFS of ours.
  add_library(outpost_sqlite_amalgamation STATIC ${OUTPOST_SQLITE_AMALGAMATION}/sqlite3.c)
  target_compile_options(outpost_sqlite_amalgamation PRIVATE -w)
  target_compile_definitions(outpost_sqlite_amalgamation PRIVATE
    SQLITE_OS_OTHER=1 SQLITE_THREADSAFE=0 SQLITE_TEMP_STORE=3 SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_DQS=0 SQLITE_OMIT_LOAD_EXTENSION
    SQLITE_OMIT_DEPRECATED SQLITE_OMIT_SHARED_CACHE SQLITE_OMIT_PROGRESS_CALLBACK SQLITE_OMIT_UTF16 SQLITE_OMIT_AUTHORIZATION
    SQLITE_OMIT_TRACE SQLITE_OMIT_DESERIALIZE SQLITE_OMIT_DATETIME_FUNCS SQLITE_OMIT_INCRBLOB SQLITE_OMIT_GET_TABLE SQLITE_OMIT_DECLTYPE
    SQLITE_OMIT_COMPLETE SQLITE_OMIT_AUTOVACUUM SQLITE_OMIT_COMPILEOPTION_DIAGS SQLITE_UNTESTABLE SQLITE_OMIT_FOREIGN_KEY
    SQLITE_OMIT_INTEGRITY_CHECK SQLITE_OMIT_XFER_OPT SQLITE_OMIT_AUTOMATIC_INDEX SQLITE_OMIT_TCL_VARIABLE SQLITE_OMIT_LIKE_OPTIMIZATION
    SQLITE_OMIT_OR_OPTIMIZATION SQLITE_OMIT_EXPLAIN SQLITE_OMIT_GENERATED_COLUMNS SQLITE_LIKE_DOESNT_MATCH_BLOBS)
endif()

# Headers that nearly every translation unit meets, compiled once.
file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cc "\n")
add_library(outpost_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cc)
target_link_libraries(outpost_precompiled PRIVATE outpost_flags)
target_precompile_headers(outpost_precompiled PRIVATE <boost/json.hpp> <functional> <map> <memory> <optional> <span>
                          <string> <string_view> <unordered_map> <variant> <vector>)

function(outpost_library name)
  cmake_parse_arguments(ARG "HOT" "" "SOURCES;LINK;TESTS;TEST_LINK;TEST_SUPPORT" ${ARGN})
  set(target outpost_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    if(ARG_HOT AND EMSCRIPTEN)
      target_compile_options(${target} PRIVATE -Os)  # the rest is compiled for size alone
    endif()
    target_precompile_headers(${target} REUSE_FROM outpost_precompiled)
    target_link_libraries(${target} PUBLIC outpost_flags ${ARG_LINK})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE outpost_flags ${ARG_LINK})
  endif()
  if(OUTPOST_TESTS AND ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS} ${ARG_TEST_SUPPORT})
    target_precompile_headers(${name}_test REUSE_FROM outpost_precompiled)
    target_link_libraries(${name}_test PRIVATE ${target} GTest::gtest GTest::gtest_main GTest::gmock ${ARG_TEST_LINK})
    gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

function(outpost_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_precompile_headers(${name} REUSE_FROM outpost_precompiled)
  target_link_libraries(${name} PRIVATE outpost_flags ${ARG_LINK})
  if(NOT OUTPOST_SANITIZE AND NOT EMSCRIPTEN)
    target_link_libraries(${name} PRIVATE mimalloc)  # docs/decisions/0050: sanitizers bring their own
  endif()
endfunction()

# A bare module, without the compiler's own JavaScript: what it imports is given by whoever loads it.
function(outpost_wasm_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name}_module ${ARG_SOURCES} $<TARGET_OBJECTS:outpost_wasm_runtime>)
  target_link_libraries(${name}_module PRIVATE outpost_flags ${ARG_LINK} outpost_sqlite_amalgamation)
  set_target_properties(${name}_module PROPERTIES OUTPUT_NAME ${name} SUFFIX .wasm)
  target_link_options(${name}_module PRIVATE --no-entry -sSTANDALONE_WASM=1 -sALLOW_MEMORY_GROWTH=1
    -sMAXIMUM_MEMORY=2GB -sTOTAL_STACK=1MB -sERROR_ON_UNDEFINED_SYMBOLS=0 -sWARN_ON_UNDEFINED_SYMBOLS=0 -sEXPORTED_FUNCTIONS=[] -Oz)
endfunction()

# Leaves in the order of the map. WebAssembly builds what runs on a device, and the stories to try it with.
function(outpost_leaves)
  set(device_leaves base protocol sqlite rules engine/model engine/store engine/sync engine/device wasm)
  set(story_leaves server/core server/sqlite sim scenarios)
  foreach(leaf IN LISTS ARGN)
    if(EMSCRIPTEN AND NOT leaf IN_LIST device_leaves AND NOT leaf IN_LIST story_leaves)
      continue()
    endif()
    if(EMSCRIPTEN AND leaf IN_LIST story_leaves)
      add_compile_options(-w)  # a server's sizes have 64 bits; it is only played here
    endif()
    if((leaf STREQUAL "bench" AND NOT OUTPOST_BENCH) OR (leaf STREQUAL "fuzz" AND NOT OUTPOST_FUZZ))
      continue()
    endif()
    if(EXISTS ${CMAKE_SOURCE_DIR}/${leaf}/CMakeLists.txt)
      add_subdirectory(${leaf})
    endif()
  endforeach()
endfunction()
