# cmake -DOUT=FILE -P embed.cmake -- FOLDER FILE... writes C++ that defines the texts of assets.h.
# Each is named after its file's path within the folder: page/style.css is page_style_css.
math(EXPR last "${CMAKE_ARGC} - 1")
set(folder ${CMAKE_ARGV5})
set(code "#include \"apps/page/assets.h\"\n\nnamespace muonlab::app::assets {\n\n")
foreach(i RANGE 6 ${last})
  string(MAKE_C_IDENTIFIER ${CMAKE_ARGV${i}} name)
  file(READ ${folder}/${CMAKE_ARGV${i}} text)
  string(APPEND code "const std::string_view ${name} = R\"muonlab(${text})muonlab\";\n")
endforeach()
file(WRITE ${OUT} "${code}\n}  // namespace muonlab::app::assets\n")
