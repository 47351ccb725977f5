"""The results in the report's sections."""

from bench.figures import Result, Results
from bench.kinds import CHANNEL_LAYERS, HTTP2, SECTIONS
from bench.workloads import WORKS

NOTES = {
    HTTP2: "`16 x 32` is 16 connections of 32 streams each.",
    CHANNEL_LAYERS: (
        "By the clock and not in processor time: deliveries and sends in a second, of which more is better,\n"
        "and the time of a message's way. All on uvloop; each member of a group is a task that loops on\n"
        "`receive`."
    ),
}


def of_section(results: Results, section: str) -> dict[str, Result]:
    return {name: result for name, result in results.works.items() if WORKS[name].section == section}


def measured_sections(results: Results) -> list[str]:
    return [section for section in SECTIONS if of_section(results, section)]
