# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The ONNX C++ library as the target optc_onnx: checker, schemas, function bodies, version
# converter, shape inference. Its sources come from the hash-pinned onnx wheel (a wheel is
# the same file for every host Python, and fetching one runs no build code), kept in
# third_party/ so that a deleted build folder costs no second download. Offline:
# -DOPTC_ONNX_SOURCE=DIR names a folder that holds the package folder `onnx`.

set(OPTC_ONNX_VERSION 1.23.2)
set(OPTC_ONNX_SHA256 7abf381d278f31ac62487fddedc9dd42da842dce94d5d43536836ee3efdf4a2b)

function(optc_fetch_onnx destination)
  set(scratch ${destination}.part)
  file(REMOVE_RECURSE ${scratch})
  file(WRITE ${scratch}/requirements.txt
       "onnx==${OPTC_ONNX_VERSION} --hash=sha256:${OPTC_ONNX_SHA256}\n")
  find_program(OPTC_PYTHON3 python3 REQUIRED)
  message(STATUS "Fetching the onnx ${OPTC_ONNX_VERSION} sources")
  execute_process(
    COMMAND ${OPTC_PYTHON3} -m pip download --quiet --disable-pip-version-check --no-deps
            --require-hashes --only-binary=:all: --platform manylinux_2_27_x86_64
            --python-version 3.12 --implementation cp --abi abi3
            --dest ${scratch} --requirement ${scratch}/requirements.txt
    RESULT_VARIABLE failed ERROR_VARIABLE message)
  file(GLOB wheel ${scratch}/*.whl)
  if(failed OR NOT wheel)
    message(FATAL_ERROR "cannot fetch onnx ${OPTC_ONNX_VERSION}: ${message}\nInstall python3-pip and "
                        "check the network, or give -DOPTC_ONNX_SOURCE=DIR (a folder that holds onnx/).")
  endif()
  file(ARCHIVE_EXTRACT INPUT ${wheel} DESTINATION ${scratch}
       PATTERNS "onnx/*.cc" "onnx/*.h" "onnx/*.proto" "onnx-*/licenses/*")
  file(REMOVE ${wheel} ${scratch}/requirements.txt)
  file(REMOVE_RECURSE ${destination})
  file(RENAME ${scratch} ${destination})
endfunction()

set(onnxSource ${OPTC_ONNX_SOURCE})
if(NOT onnxSource)
  set(onnxSource ${CMAKE_SOURCE_DIR}/third_party/onnx-${OPTC_ONNX_VERSION})
  if(NOT EXISTS ${onnxSource}/onnx/onnx-ml.proto)
    optc_fetch_onnx(${onnxSource})
  endif()
endif()
if(NOT EXISTS ${onnxSource}/onnx/defs/schema.cc)
  message(FATAL_ERROR "OPTC_ONNX_SOURCE=${onnxSource} has no onnx/defs/schema.cc")
endif()

# Static, so that no program that uses the shared libprotobuf shares a descriptor pool with us.
set(Protobuf_USE_STATIC_LIBS ON)
find_package(Protobuf REQUIRED)
find_package(Threads REQUIRED)

set(generated ${CMAKE_BINARY_DIR}/onnx-generated)
file(MAKE_DIRECTORY ${generated})
set(protoSources)
set(protoHeaders)
foreach(proto onnx-ml onnx-data onnx-operators-ml)
  add_custom_command(
    OUTPUT ${generated}/onnx/${proto}.pb.cc ${generated}/onnx/${proto}.pb.h
    COMMAND protobuf::protoc --proto_path=${onnxSource} --cpp_out=${generated} onnx/${proto}.proto
    DEPENDS ${onnxSource}/onnx/${proto}.proto VERBATIM)
  list(APPEND protoSources ${generated}/onnx/${proto}.pb.cc)
  list(APPEND protoHeaders ${generated}/onnx/${proto}.pb.h)
endforeach()
add_custom_target(optc_onnx_proto DEPENDS ${protoHeaders})

file(GLOB_RECURSE onnxFiles ${onnxSource}/onnx/*.cc)
list(FILTER onnxFiles EXCLUDE REGEX "/onnx/(cpp2py_export|fuzz/.*|test/.*)(\\.cc)?$")
add_library(optc_onnx STATIC ${onnxFiles} ${protoSources})
add_dependencies(optc_onnx optc_onnx_proto)
target_include_directories(optc_onnx SYSTEM PUBLIC ${onnxSource} ${generated} ${Protobuf_INCLUDE_DIRS})
target_compile_definitions(optc_onnx PUBLIC ONNX_ML=1 ONNX_NAMESPACE=onnx __STDC_FORMAT_MACROS)
target_compile_options(optc_onnx PRIVATE -w -O2 -g0 -fexceptions $<$<BOOL:${OPTC_SANITIZE}>:-fno-sanitize=all>)
target_link_libraries(optc_onnx PUBLIC protobuf::libprotobuf Threads::Threads)
target_link_options(optc_onnx INTERFACE LINKER:--exclude-libs,libprotobuf.a)
# Few large translation units take a third of the CPU time of one per file. Two files are kept
# apart because they specialize templates that the others have used before.
set_target_properties(optc_onnx PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 14)
set_source_files_properties(
  ${onnxSource}/onnx/defs/schema.cc ${onnxSource}/onnx/defs/tensor_proto_util.cc
  ${protoSources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
