"""What happens when a message comes and its channel holds as many as its capacity allows.

`raise` tells the sender; the others never do. A group send never raises whatever the policy: a member that
is full and would raise is left out, and the message is counted as dropped.
"""

from typing import Literal, get_args

from penstock.base.errors import SettingsError

Policy = Literal["raise", "drop-oldest", "drop-newest", "keep-latest", "close"]

RAISE: Policy = "raise"
DROP_OLDEST: Policy = "drop-oldest"  # the newest messages are worth the most: chat, logs
DROP_NEWEST: Policy = "drop-newest"  # the first are: what was accepted is kept
KEEP_LATEST: Policy = "keep-latest"  # only the last counts: positions, prices; all that waits is dropped
CLOSE: Policy = "close"  # who falls behind is better told to start anew: ChannelClosed

POLICIES: tuple[Policy, ...] = get_args(Policy)


def checked_policy(setting: str, value: object) -> Policy:
    for policy in POLICIES:
        if policy == value:  # the value may be of an enumeration
            return policy
    raise SettingsError(setting, f"got {value!r}; expected one of {', '.join(POLICIES)}")
