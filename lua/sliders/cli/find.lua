--- Finds strategies: by path, or by name among those that come with sliders.

local find = {}

-- The folder of this file, with a final slash.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Installed they lie beside the modules; in the source tree three folders up.
local function shipped_folder()
  for _, folder in ipairs { here .. "../strategies/", here .. "../../../strategies/" } do
    if exists(folder .. "sma_cross.lua") then return folder end
  end
  return here .. "../strategies/"
end

--- Names and paths of the shipped strategies, by name.
---@param core table  sliders.core: files(folder), real_path(path)
---@return { name: string, path: string }[]
function find.shipped(core)
  local folder = shipped_folder()
  folder = (core.real_path(folder) or folder) .. "/"
  local found = {}
  for _, file in ipairs(core.files(folder) or {}) do
    local name = file:match("^(.*)%.lua$")
    if name then found[#found + 1] = { name = name, path = folder .. file } end
  end
  table.sort(found, function(a, b) return a.name < b.name end)
  return found
end

--- The path of a strategy given by path or shipped name; nil and a sentence where there is none.
---@param word string
---@param core table
---@param suggest fun(word: string, words: string[]): string?
---@return string?, string?
function find.strategy(word, core, suggest)
  if word:find("/", 1, true) or word:find("%.lua$") then return word end
  local names = {}
  for i, strategy in ipairs(find.shipped(core)) do
    if strategy.name == word then return strategy.path end
    names[i] = strategy.name
  end
  local near = suggest(word, names)
  if near then return nil, ('no strategy "%s"; did you mean "%s"?'):format(word, near) end
  return nil, ('no strategy "%s"; `sliders strategies` lists those that come along, and a path ends in .lua'):format(word)
end

return find
