# Compiles the C++ of README.md and docs/extend.md, so that what they show works. Of their ```cpp blocks
#   README's with a main     is the app train_mnist, which the test readme_example runs;
#   others with an #include  are compiled, each as a source file of its own;
#   the rest                 are fragments, left alone.
# docs_test.cpp compares the first with the app's source, and what quotes a file with that file.
if(MUONLAB_APPS)
  add_test(NAME readme_example COMMAND train_mnist data/mini WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endif()

# Quoted strings and substrings only: in a list, C++'s semicolons and brackets would mean something.
set(fence "\n```cpp\n")
string(LENGTH "${fence}" fence_length)
set(pieces "")
foreach(document README.md docs/extend.md)
  set(path ${PROJECT_SOURCE_DIR}/${document})
  if(NOT EXISTS ${path})
    continue()
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  cmake_path(GET path STEM name)
  file(READ ${path} text)
  set(rest "${text}")
  set(number 0)

  string(FIND "${rest}" "${fence}" begin)
  while(NOT begin EQUAL -1)
    math(EXPR begin "${begin} + ${fence_length}")
    string(SUBSTRING "${rest}" ${begin} -1 rest)
    string(FIND "${rest}" "\n```" end)
    string(SUBSTRING "${rest}" 0 ${end} code)
    string(SUBSTRING "${rest}" ${end} -1 rest)
    string(FIND "${rest}" "${fence}" begin)

    math(EXPR number "${number} + 1")
    if(NOT code MATCHES "#include" OR code MATCHES "int main")
      continue()
    endif()

    # Errors then name the line of the document.
    string(FIND "${text}" "${code}" position)
    string(SUBSTRING "${text}" 0 ${position} before)
    string(REGEX REPLACE "[^\n]" "" newlines "${before}")
    string(LENGTH "${newlines}" line)
    math(EXPR line "${line} + 1")
    set(file ${CMAKE_CURRENT_BINARY_DIR}/readme/${name}_${number}.cpp)
    file(GENERATE OUTPUT ${file} CONTENT "#line ${line} \"${path}\"\n${code}\n")
    list(APPEND pieces ${file})
  endwhile()
endforeach()

if(pieces)
  add_library(readme_code OBJECT ${pieces})
  target_link_libraries(readme_code PRIVATE muonlab muonlab_flags)
endif()
