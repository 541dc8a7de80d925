# Writes the preludes as C strings: cmake -DOUT=preludes.h -DDIR=folder -P embed.cmake
file(WRITE ${OUT}.new "/* Made from the .lua files of core/vm/lua. */\n")
foreach(name prelude prelude_luajit prelude_lua54)
  file(READ ${DIR}/${name}.lua text HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${text}")
  file(APPEND ${OUT}.new "static const char ${name}[] = { ${bytes}0 };\n")
endforeach()
file(RENAME ${OUT}.new ${OUT})
