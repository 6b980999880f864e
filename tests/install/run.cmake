# Installs ohmset into an empty prefix, moves the prefix, then builds and runs the consumer there twice: by find_package
# and by pkg-config. Variables: BINARY_DIR of ohmset, CONSUMER_DIR, WORK_DIR, LIBDIR, COMPILER, PKG_CONFIG (may be
# empty or NOTFOUND), BUILD_TYPE, GENERATOR.
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}: ${status}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})
run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${WORK_DIR}/first)
# An installed package that only works where it was installed is not one.
file(RENAME ${WORK_DIR}/first ${WORK_DIR}/prefix)

run(${WORK_DIR}/prefix/bin/ohmset --version)

run(${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${WORK_DIR}/build -G ${GENERATOR} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix)
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${WORK_DIR}/build/consumer)
set(by_cmake "${output}")
message(STATUS "${by_cmake}")

if(NOT PKG_CONFIG)
  message(STATUS "no pkg-config here: that half is not checked")
  return()
endif()
set(ENV{PKG_CONFIG_PATH} ${WORK_DIR}/prefix/${LIBDIR}/pkgconfig)
run(${PKG_CONFIG} --cflags --libs ohmset)
string(STRIP "${output}" flags)
separate_arguments(flags UNIX_COMMAND "${flags}")
run(${COMPILER} -std=c++20 -O1 ${CONSUMER_DIR}/consumer.cpp -o ${WORK_DIR}/consumer ${flags})
run(${WORK_DIR}/consumer)
if(NOT output STREQUAL by_cmake)
  message(FATAL_ERROR "built by pkg-config it says\n${output}built by CMake\n${by_cmake}")
endif()
