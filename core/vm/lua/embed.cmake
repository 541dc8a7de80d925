# Writes the preludes as C strings: cmake -DOUT=preludes.h -DDIR=folder -P embed.cmake
file(WRITE ${OUT}.new "/* Made from the .lua files of core/vm/lua. */\n")
foreach(name prelude_luajit prelude_lua54 words columns clocks declare model libraries host sandbox orders jobs)
  file(READ ${DIR}/${name}.lua text HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${text}")
  file(APPEND ${OUT}.new "static const char ${name}_text[] = { ${bytes}0 };\n")
endforeach()
file(RENAME ${OUT}.new ${OUT})
