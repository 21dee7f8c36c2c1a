-- What RMIX makes Neovim run, so that Neovim calls RMIX back: the station's operations as
-- requests and notifications of Neovim on the channel by which it was started.
--
-- Sent as ["nvim_exec_lua", [<this text>, [<channel>]]]; the channel of `nvim --embed` is 1, which
-- is also what an empty argument list means. The answer is the table returned at the end.
--
-- What to expect on the wire, found out with Neovim 0.7.2:
-- * All requests and the notification arrive while the request nvim_exec_lua is outstanding. Its
--   response comes last. Neovim sends the next request only when the last one was answered.
-- * Neovim numbers its requests itself, from 1, per channel: its message ids and ours overlap.
-- * Answers to nested requests must come back innermost first; any other order closes the channel.
-- * A Lua number without a fraction is sent as an integer, also where a double is meant:
--   mean([1, 2.5]) arrives as [1, 2.5], a reading of 4.0 degrees as 4. Likewise the doubles of our
--   answers, once they went through Lua, come back as integers when they are whole.
-- * Members of a map come in any order. An empty table goes out as an empty array.
-- * An error of our responses reaches Lua as text only: a string as it is, of an array of code and
--   text the text, and of anything else, such as {"UnknownPlace": ...}, "unknown error".

local channel = ... or 1

-- The fault, or what the call returned if it wrongly did not fail.
local function fault_of(method, ...)
  local worked, value = pcall(vim.rpcrequest, channel, method, ...)
  if worked then
    return { unexpected = value }
  end
  return tostring(value)
end

local answers = {}
answers.count_before = vim.rpcrequest(channel, 'count')
answers.latest = vim.rpcrequest(channel, 'latest', 'Oslo')
answers.unknown_place = fault_of('latest', 'Atlantis')
answers.mean = vim.rpcrequest(channel, 'mean', { 1, 2.5, 4 })
answers.mean_of_nothing = vim.rpcrequest(channel, 'mean', {})
vim.rpcnotify(channel, 'report', { place = 'Voss', celsius = 4.0, at = 1700000120 })
-- On the same channel a request does not overtake a notification.
answers.count = vim.rpcrequest(channel, 'count')
answers.reported = vim.rpcrequest(channel, 'latest', 'Voss')
return answers
