# The GPU half of the library, core/cuda/*.cu, by CUDA 12 or later with cuBLAS.
set(MUONLAB_CUDA AUTO CACHE STRING "Kernels for NVIDIA GPUs: AUTO, ON, OFF, or EMULATE (for tests)")
set_property(CACHE MUONLAB_CUDA PROPERTY STRINGS AUTO ON OFF EMULATE)

set(muonlab_with_cuda OFF)
set(muonlab_gpu "none, MUONLAB_CUDA=OFF")
if(MUONLAB_CUDA STREQUAL EMULATE)
  set(muonlab_with_cuda ON)
  set(muonlab_gpu "emulated on the CPU by tests/emulator")
elseif(MUONLAB_CUDA)  # AUTO is true
  find_package(CUDAToolkit 12 QUIET)
  if(NOT CMAKE_CUDA_COMPILER)
    unset(CMAKE_CUDA_COMPILER CACHE)  # what did not work once may do now
    if(NOT DEFINED ENV{CUDACXX})
      set(ENV{CUDACXX} ${CUDAToolkit_NVCC_EXECUTABLE})
    endif()
    include(CheckLanguage)
    check_language(CUDA)
  endif()
  if(CUDAToolkit_FOUND AND CMAKE_CUDA_COMPILER AND TARGET CUDA::cublas)
    set(muonlab_with_cuda ON)
  elseif(MUONLAB_CUDA STREQUAL AUTO)
    set(muonlab_gpu "none, no CUDA 12 or later with cuBLAS and a working nvcc was found")
  else()
    message(FATAL_ERROR "MUONLAB_CUDA=ON: needs CUDA 12 or later with nvcc and cuBLAS. Put nvcc on "
                        "PATH or set CUDAToolkit_ROOT, or build without: MUONLAB_CUDA=OFF.")
  endif()
endif()

if(muonlab_with_cuda AND NOT MUONLAB_CUDA STREQUAL EMULATE)
  if(NOT CMAKE_CUDA_ARCHITECTURES)  # A100, H100, and this machine's where nvcc knows it; others from
    set(architectures 80 90)        # 90 on compile what is there for 90 when a program starts
    execute_process(COMMAND nvidia-smi --query-gpu=compute_cap --format=csv,noheader
                    OUTPUT_VARIABLE native ERROR_QUIET)
    execute_process(COMMAND ${CUDAToolkit_NVCC_EXECUTABLE} --list-gpu-code OUTPUT_VARIABLE known)
    string(REGEX MATCHALL "[0-9]+\\.[0-9]+" native "${native}")
    foreach(capability ${native})
      string(REPLACE "." "" capability ${capability})
      if(capability GREATER 80 AND known MATCHES "sm_${capability}\n")  # older: without bfloat16
        list(APPEND architectures ${capability})
      endif()
    endforeach()
    list(REMOVE_DUPLICATES architectures)
    set(CMAKE_CUDA_ARCHITECTURES ${architectures} CACHE STRING "Compute capabilities to build for")
  endif()
  enable_language(CUDA)
  list(JOIN CMAKE_CUDA_ARCHITECTURES ", " architectures)
  set(muonlab_gpu "CUDA ${CUDAToolkit_VERSION}, compute capabilities ${architectures}")
endif()
message(STATUS "GPU: ${muonlab_gpu}")
