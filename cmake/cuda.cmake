# The GPU half of the library, core/cuda/*.cu, by CUDA 12 or later with cuBLAS.
set(MUONLAB_CUDA AUTO CACHE STRING "Kernels for NVIDIA GPUs: AUTO, ON, OFF, or EMULATE (for tests)")
set_property(CACHE MUONLAB_CUDA PROPERTY STRINGS AUTO ON OFF EMULATE)

set(muonlab_with_cuda OFF)
set(muonlab_gpu "none, MUONLAB_CUDA=OFF")
if(MUONLAB_CUDA STREQUAL EMULATE)
  set(muonlab_with_cuda ON)
  set(muonlab_gpu "emulated on the CPU by tests/emulator")
elseif(MUONLAB_CUDA)  # AUTO is true
  include(CheckLanguage)
  if(NOT CMAKE_CUDA_ARCHITECTURES)  # A100, H100, and this machine's; newer ones compile what is for 90
    set(architectures 80 90)
    execute_process(COMMAND nvidia-smi --query-gpu=compute_cap --format=csv,noheader
                    OUTPUT_VARIABLE native OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    string(REGEX MATCHALL "[0-9]+\\.[0-9]+" native "${native}")
    list(TRANSFORM native REPLACE "\\." "")
    list(FILTER native EXCLUDE REGEX "^[5-7].$")  # without bfloat16
    list(APPEND architectures ${native})
    list(REMOVE_DUPLICATES architectures)
    set(CMAKE_CUDA_ARCHITECTURES ${architectures} CACHE STRING "Compute capabilities to build for")
  endif()
  check_language(CUDA)
  find_package(CUDAToolkit 12 QUIET)
  if(CMAKE_CUDA_COMPILER AND CUDAToolkit_FOUND AND TARGET CUDA::cublas)
    enable_language(CUDA)
    set(muonlab_with_cuda ON)
    list(JOIN CMAKE_CUDA_ARCHITECTURES ", " architectures)
    set(muonlab_gpu "CUDA ${CUDAToolkit_VERSION}, compute capabilities ${architectures}")
  elseif(MUONLAB_CUDA STREQUAL AUTO)
    set(muonlab_gpu "none, no CUDA 12 or later with nvcc and cuBLAS was found")
  else()
    message(FATAL_ERROR "MUONLAB_CUDA=ON: needs CUDA 12 or later with nvcc and cuBLAS. Put nvcc on "
                        "PATH or set CMAKE_CUDA_COMPILER, or build without: MUONLAB_CUDA=OFF.")
  endif()
endif()
message(STATUS "GPU: ${muonlab_gpu}")
