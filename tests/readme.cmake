# Compiles the C++ of README.md, so that what it shows works. Of its ```cpp blocks
#   the first with a main    is built, and run as the test readme_example, where README.md is;
#   others with an #include  are compiled, each as a source file of its own;
#   the rest                 are fragments, left alone.
set(readme ${PROJECT_SOURCE_DIR}/README.md)
if(NOT EXISTS ${readme})
  return()
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${readme})

# Quoted strings and substrings only: in a list, C++'s semicolons and brackets would mean something.
file(READ ${readme} text)
set(rest "${text}")
set(fence "\n```cpp\n")
string(LENGTH "${fence}" fence_length)
set(program "")
set(pieces "")
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
  set(file ${CMAKE_CURRENT_BINARY_DIR}/readme/block_${number}.cpp)
  if(code MATCHES "int main" AND NOT program)
    set(program ${file})
  elseif(code MATCHES "#include")
    list(APPEND pieces ${file})
  else()
    continue()
  endif()

  # Errors then name the line of README.md.
  string(FIND "${text}" "${code}" position)
  string(SUBSTRING "${text}" 0 ${position} before)
  string(REGEX REPLACE "[^\n]" "" newlines "${before}")
  string(LENGTH "${newlines}" line)
  math(EXPR line "${line} + 1")
  file(GENERATE OUTPUT ${file} CONTENT "#line ${line} \"${readme}\"\n${code}\n")
endwhile()

if(NOT program)
  message(FATAL_ERROR "README.md shows no program: no \`\`\`cpp block has a main")
endif()
add_executable(readme_example ${program})
target_link_libraries(readme_example PRIVATE muonlab muonlab_flags)
add_test(NAME readme_example COMMAND readme_example WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
if(pieces)
  add_library(readme_code OBJECT ${pieces})
  target_link_libraries(readme_code PRIVATE muonlab muonlab_flags)
endif()
