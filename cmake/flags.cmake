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
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(muonlab_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${sanitize}>)
  target_link_options(muonlab_flags INTERFACE ${sanitize})
endif()
