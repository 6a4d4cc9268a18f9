# muonlab_onednn: oneDNN 2, which multiplies and convolves on the CPU where it is to be had. Found by
# its files: Debian's package configuration demands OpenCL, which nothing here uses.
set(MUONLAB_ONEDNN AUTO CACHE STRING "oneDNN for products and convolutions: AUTO, ON or OFF")
set_property(CACHE MUONLAB_ONEDNN PROPERTY STRINGS AUTO ON OFF)

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
    string(REGEX REPLACE "[^0-9;]" "" version "${version}")
    list(JOIN version . version)
  endif()
  if(version VERSION_GREATER_EQUAL 2.6 AND version VERSION_LESS 3)
    set(muonlab_with_onednn ON)
    add_library(muonlab_onednn INTERFACE)
    target_include_directories(muonlab_onednn SYSTEM INTERFACE ${MUONLAB_ONEDNN_INCLUDE})
    target_link_libraries(muonlab_onednn INTERFACE ${MUONLAB_ONEDNN_LIBRARY} OpenMP::OpenMP_CXX)
    set(muonlab_products "oneDNN ${version}")
  elseif(NOT MUONLAB_ONEDNN STREQUAL AUTO)
    message(FATAL_ERROR "MUONLAB_ONEDNN=ON: oneDNN 2.6 or a later 2 is needed, with OpenMP, found "
                        "version ${version} (0: none). Install libdnnl-dev, or set it to OFF.")
  endif()
endif()
if(NOT muonlab_with_onednn)
  set(muonlab_products "Eigen ${Eigen3_VERSION}")
endif()
message(STATUS "Products and convolutions: ${muonlab_products}")
