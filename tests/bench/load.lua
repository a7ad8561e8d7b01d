-- What wrk sends and what it answers: wrk -s load.lua URL -- METHOD TOKENS [once]
-- One token: the same request all the time. Many: the next one for each request, from the first again at the
-- end, or, with `once`, no more than one request each. Behind a token may stand the path that it is for, and behind
-- that a body, with a tab between. The last line printed is for tests/bench/run.

local requests, at, once = {}, 0, false

function init(args)
	wrk.method = args[1]
	wrk.headers["Host"] = wrk.host
	if wrk.method ~= "GET" then
		wrk.body = "" -- "Content-Length: 0" comes of it
	end
	once = args[3] == "once"
	if not args[2] then
		return
	end
	for line in io.lines(args[2]) do
		local token, path, body = line:match("^([^\t]*)\t?([^\t]*)\t?(.*)$")
		wrk.headers["Authorization"] = "Bearer " .. token
		if body ~= "" then
			wrk.headers["Content-Type"] = "application/json"
		end
		requests[#requests + 1] = wrk.format(nil, path ~= "" and path or nil, nil, body ~= "" and body or nil)
	end
	if #requests > 1 then
		request = function()
			at = at + 1
			if at > #requests then
				at = 1
				if once then
					wrk.thread:stop()
				end
			end
			return requests[at]
		end
	end
end

function done(summary, latency)
	local errors = summary.errors
	io.write(string.format("bench %.1f %.4f %.4f %d\n", summary.requests / summary.duration * 1e6,
		latency:percentile(50) / 1000, latency:percentile(99) / 1000,
		errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
