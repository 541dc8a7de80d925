--- `sliders data VERB`: what is on the disk and in stores. A file below data/ for each verb.

local verbs = require "sliders.cli.data.verbs"

---@return integer exit status
return function(w, request)
  return verbs.load(request.verb).run(w, request)
end
