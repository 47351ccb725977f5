-- What every operation begins with; the other parts are for those that name them. Redis runs a script whole
-- before anything else, so that each operation is one step for everybody and one round trip for its caller.
-- KEYS[1] is what all keys of this shard begin with; it carries a hash tag, so that a cluster keeps them in one
-- place. Time is the server's, in milliseconds.
--
--   in:PROCESS       stream, what comes for a process; it lives as long as the process's lease
--   procs            when each process's lease ends            pm:PROCESS  its memberships, "group channel"
--   q:CHANNEL        list of records: deadline, attempt, payload    want:CHANNEL  processes that wait for one
--   fam:NAME!        channels of a family that hold messages, the longest not read first
--   closed:CHANNEL   the channel was closed and its reader does not know yet
--   g:GROUP:m        members, by when they joined              g:GROUP:p  processes, and how many members each has
--   g:GROUP:n        members that are queues, with capacity, policy and whether they are on this shard
--   g:GROUP:h        history      w:GROUP  watchers            cg:CHANNEL  the groups of a queue
--   kept, kept:b     when each group's oldest message in its history ends; bytes of each, and of all under ''
--   full:CHANNEL     a process says that its channel has no room
--   drops         "CHANNEL reason": how many messages were dropped; of all channels together: " reason"
--   taken:CHANNEL    somebody has read of it, and left something, less than `expiry` ago
--   later, later:m   delayed messages      work, work:m  leased work      queues, groups  all names, for tidying up
local base, me = KEYS[1], ARGV[1]
local expiry, group_expiry, lease = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local inbox_length, capacity_of_others, max_attempts = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local A = {unpack(ARGV, 8)}
local call = redis.call
local clock = call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)
local elsewhere = {}  -- what belongs to channels of other shards: the caller takes it there
local BATCH = 500     -- of anything that is tidied up at once, so that no script holds the server up for long
local ACCEPTED, DROPPED, FULL, CLOSED = 0, 1, 2, 3  -- what becomes of a message
local FORSAKEN, SHUT, CROWDED = 4, 5, 6  -- and of a queue: nobody reads it, it was closed, room was made in it
