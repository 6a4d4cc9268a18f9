# What all of muonlab's own code is compiled with; users of the installed library do not inherit it.
add_library(muonlab_flags INTERFACE)
target_compile_options(muonlab_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:
                       -Wall -Wextra -Wpedantic -Wshadow
                       -Werror=switch  # a function without its case in visit()
                       $<$<CXX_COMPILER_ID:GNU>:-Wconversion>
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>  # false in AVX-512 headers
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-ignored-attributes>  # Eigen's packets as template arguments
                       -fno-math-errno  # square roots may be vectorized
                       -fno-trapping-math>)  # so may choices: nobody reads the flags of exceptions
if(MUONLAB_NATIVE)
  target_compile_options(muonlab_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=native>)
endif()
if(MUONLAB_SANITIZE)
  set(sanitize -fno-omit-frame-pointer)
  if(MUONLAB_SANITIZE STREQUAL THREAD)
    list(APPEND sanitize -fsanitize=thread)
  else()
    list(APPEND sanitize -fsanitize=address,undefined -fno-sanitize-recover=all)
  endif()
  if(MUONLAB_SANITIZE STREQUAL FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL Clang)
      message(FATAL_ERROR "MUONLAB_SANITIZE=FUZZ: needs Clang, got ${CMAKE_CXX_COMPILER_ID}; set "
                          "CMAKE_CXX_COMPILER=clang++, as tests/fuzz.sh does")
    endif()
    list(APPEND sanitize -fsanitize=fuzzer-no-link)
  endif()
  target_compile_options(muonlab_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${sanitize}>)
  target_link_options(muonlab_flags INTERFACE ${sanitize})
endif()
