std = "lua51+lua54+luajit"
max_line_length = 160
self = false
files["tests/lua"].std = "+busted"
files["tests/hostile/generate.lua"].max_line_length = 400
