std = "lua51+lua54+luajit"
max_line_length = 150
files["tests/lua"].std = "+busted"
