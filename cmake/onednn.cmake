# muonlab_onednn: oneDNN 2, which multiplies and convolves on the CPU where it is to be had. Found by
# its files: Debian's package configuration demands OpenCL, which nothing here uses.
set(MUONLAB_ONEDNN AUTO CACHE STRING "oneDNN for products and convolutions: AUTO, ON or OFF")
set_property(CACHE MUONLAB_ONEDNN PROPERTY STRINGS AUTO ON OFF)

include(CheckCXXSourceCompiles)

set(muonlab_with_onednn OFF)
if(MUONLAB_ONEDNN)  # AUTO is true
  find_path(MUONLAB_ONEDNN_INCLUDE oneapi/dnnl/dnnl_version.h)
  find_library(MUONLAB_ONEDNN_LIBRARY dnnl)
  find_package(OpenMP QUIET COMPONENTS CXX)  # Debian's oneDNN uses its threads, of which we want one
  mark_as_advanced(MUONLAB_ONEDNN_INCLUDE MUONLAB_ONEDNN_LIBRARY)
  set(version 0)
  if(MUONLAB_ONEDNN_INCLUDE AND MUONLAB_ONEDNN_LIBRARY AND OpenMP_CXX_FOUND)
    file(STRINGS ${MUONLAB_ONEDNN_INCLUDE}/oneapi/dnnl/dnnl_version.h version
         REGEX "define DNNL_VERSION_(MAJOR|MINOR)")
    # With TBB's threads it would take up other tasks of ours in the middle of one.
    file(STRINGS ${MUONLAB_ONEDNN_INCLUDE}/oneapi/dnnl/dnnl_config.h runtime
         REGEX "define DNNL_CPU_THREADING_RUNTIME DNNL_RUNTIME_(OMP|SEQ)")
    string(REGEX REPLACE "[^0-9;]" "" version "${version}")
    list(JOIN version . version)
  endif()
  # Its products for other processors move the stack, which a signal's handler then overwrites.
  if(MUONLAB_NATIVE)
    set(CMAKE_REQUIRED_FLAGS -march=native)
  endif()
  unset(muonlab_targets_avx512 CACHE)  # the flags may be others than last time
  check_cxx_source_compiles("
    #ifndef __AVX512BW__
    #error
    #endif
    int main() {}" muonlab_targets_avx512)
  unset(CMAKE_REQUIRED_FLAGS)
  set(why_not "")
  if(version EQUAL 0)
    set(why_not "no oneDNN with OpenMP was found")
  elseif(version VERSION_LESS 2.6 OR version VERSION_GREATER_EQUAL 3)
    set(why_not "oneDNN ${version} is not supported, only 2.6 or a later 2")
  elseif(NOT runtime)
    set(why_not "oneDNN ${version} has other threads than OpenMP's")
  elseif(NOT muonlab_targets_avx512)
    set(why_not "oneDNN ${version} is used in builds for AVX-512 only")
  endif()
  if(NOT why_not)
    set(muonlab_with_onednn ON)
    add_library(muonlab_onednn INTERFACE)
    target_include_directories(muonlab_onednn SYSTEM INTERFACE ${MUONLAB_ONEDNN_INCLUDE})
    target_link_libraries(muonlab_onednn INTERFACE ${MUONLAB_ONEDNN_LIBRARY} OpenMP::OpenMP_CXX)
    set(muonlab_products "oneDNN ${version}")
  elseif(MUONLAB_ONEDNN STREQUAL AUTO)
    set(muonlab_products "Eigen ${Eigen3_VERSION}; ${why_not}")
  else()
    message(FATAL_ERROR "MUONLAB_ONEDNN=ON: ${why_not}. Install oneDNN 2.6, libdnnl-dev in Debian 12, "
                        "or leave products to Eigen with MUONLAB_ONEDNN=OFF.")
  endif()
else()
  set(muonlab_products "Eigen ${Eigen3_VERSION}")
endif()
message(STATUS "Products and convolutions: ${muonlab_products}")
