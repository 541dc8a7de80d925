-- pairs and next of LuaJIT, so that no loop of theirs becomes bytecode ITERN. Traces of it end a loop early, repeat or drop entries, or
-- never end (LuaJIT's issues 827, 1000 and 1510; the first two are in Debian 12's). ISNEXT sees a function that is not the built-in
-- `next` and turns the loop into a plain one, which is compiled too.
local builtin_next, builtin_pairs, type, error = next, pairs, type, error

local function check(t, name)
  if type(t) ~= "table" then error(("bad argument #1 to '%s' (table expected, got %s)"):format(name, type(t)), 3) end
end

function next(t, key)
  check(t, "next")
  return builtin_next(t, key)
end

local function step(t, key) return builtin_next(t, key) end

function pairs(t)
  check(t, "pairs")
  local iterate, state, key = builtin_pairs(t)
  if iterate == builtin_next then iterate = step end
  return iterate, state, key
end
