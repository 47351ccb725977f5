-- Sends the bytes of one file as every request, and prints what happened as one line of JSON.
-- Run as: wrk --script wrk.lua URL -- FILE

function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    local request = file:read("*a")
    file:close()
    -- wrk calls this once, and sends the result unchanged for as long as there is no `request` function
    wrk.format = function() return request end
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "p99_ms": %.3f, "connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(99) / 1e3,
        errors.connect, errors.read, errors.write, errors.status, errors.timeout
    ))
end
