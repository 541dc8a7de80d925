# Writes Lua files as C strings, NAME_text of NAME.lua: cmake "-DFILES=a.lua;b.lua" -DOUT=preludes.h -P embed.cmake
file(WRITE ${OUT}.new "/* Made from Lua files. */\n")
foreach(path ${FILES})
  get_filename_component(name ${path} NAME_WE)
  file(READ ${path} text HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${text}")
  file(APPEND ${OUT}.new "static const char ${name}_text[] = { ${bytes}0 };\n")
endforeach()
file(RENAME ${OUT}.new ${OUT})
