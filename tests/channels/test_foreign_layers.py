"""The suite judges a layer that is not ours and knows nothing of it: the in-memory one of Channels.

What docs/channels.md says of that layer was measured by hand; here the suite has to find it by itself.
"""

import unittest
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.channels import test_memory_conformance

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers import LayerConformance
from penstock.testing.layers.judge import SPECIFIED_SETTINGS

channels = pytest.importorskip("channels.layers")
exceptions = pytest.importorskip("channels.exceptions")

PASSED = "passed"
KNOWN_FAULTS = {
    "test_fault_01_capacities_may_be_a_mapping",
    "test_fault_03_what_python_takes_for_a_letter_is_none_and_a_newline_no_end",
    "test_fault_04_a_new_name_has_no_empty_part",
    "test_fault_05_a_delivery_costs_the_same_however_large_the_group",
    "test_item_01_a_message_that_holds_itself_is_refused",
    "test_item_01_what_no_layer_could_carry_is_a_type_error",
    "test_item_05_every_name_of_the_specification_carries_messages",
    "test_item_07_a_bad_channel_is_a_type_error_of_every_call",
    "test_item_08_the_reserved_key_is_refused",
    "test_item_09_several_readers_of_one_process_share_a_channel",
    "test_item_13_a_busy_channel_hides_no_quiet_one",
    "test_item_15_what_has_expired_takes_no_room",
    "test_item_20_the_exceptions_and_extensions_are_attributes",
    "test_item_21_who_reads_a_prefix_learns_the_full_name",
    "test_item_24_the_first_pattern_that_fits_decides",
    "test_item_33_after_a_flush_the_layer_goes_on",
}
RIGHT = {
    "test_item_01_every_type_arrives_as_it_was_sent",
    "test_item_02_bytes_and_text_are_told_apart",
    "test_item_03_a_mebibyte_passes",
    "test_item_09_each_message_goes_to_one_reader",
    "test_item_10_messages_that_wait_keep_the_order",
    "test_item_11_send_never_waits_for_a_reader",
    "test_item_14_nothing_is_lost_in_normal_conditions",
    "test_item_15_an_unread_message_is_gone_after_its_time",
    "test_item_16_what_the_sender_changes_later_arrives_unchanged",
    "test_item_18_receive_waits_for_what_is_sent_later",
    "test_item_19_new_channels_are_process_local_and_unique",
    "test_item_21_who_reads_a_full_name_gets_its_messages_alone",
    "test_item_25_a_full_channel_is_an_error_of_the_sender",
    "test_item_27_a_group_send_leaves_out_who_is_full",
    "test_item_28_who_is_added_twice_gets_a_message_once",
    "test_item_29_who_has_left_gets_nothing",
    "test_item_30_every_member_gets_a_message_once",
    "test_item_31_memberships_last_a_day_and_messages_a_minute",
    "test_item_33_flush_empties_everything_for_everybody",
    "test_fault_16_every_member_gets_the_messages_of_one_sender_in_order",
}
EXCUSED = {
    "test_a_delay_that_is_no_time_is_refused": "skipped: the layer has no 'delay'",
    "test_rejected_work_goes_to_the_dead_letters": "skipped: the layer has no 'acknowledge'",
    "test_drop_oldest_keeps_the_newest": "skipped: the layer does not take the settings policy",
    "test_code_without_a_loop_uses_sync": "skipped: the layer has no 'sync', nor need it have",
    "test_members_of_all_processes_are_listed_and_counted": (
        "skipped: the layer has no 'group_channels', nor need it have"
    ),
}
Verdicts = dict[str, str]  # by test: PASSED, why it was skipped, or how it failed


class Foreign(LayerConformance):
    """No `open`, no `ChannelFull` of its own, no statistics: made as its documentation says."""

    __test__ = False
    TEST_SECONDS = 10.0
    WAIT_SECONDS = 1.0
    SILENCE_SECONDS = 0.05
    SETTINGS: Collection[str] | None = SPECIFIED_SETTINGS

    def make_layers(self, count: int, **settings: Any) -> list[ChannelLayer]:
        return [channels.InMemoryChannelLayer(**settings)] * count

    def channel_full(self, layer: ChannelLayer) -> type[Exception]:
        kind: type[Exception] = exceptions.ChannelFull
        return kind


def verdict(judge: LayerConformance, name: str) -> str:
    try:
        getattr(judge, name)()
    except unittest.SkipTest as reason:
        return f"skipped: {reason}"
    except Exception as error:  # noqa: BLE001 whatever it is, it is the verdict
        return f"failed: {error!r}"
    return PASSED


def verdicts(kind: type[LayerConformance]) -> Verdicts:
    names = [name for name in dir(kind) if name.startswith("test_")]
    with ThreadPoolExecutor(8) as pool:  # they mostly wait
        return dict(zip(names, pool.map(lambda name: verdict(kind(), name), names), strict=True))


@pytest.fixture(scope="module")
def foreign() -> Verdicts:
    return verdicts(Foreign)


def failed(verdicts: Verdicts) -> set[str]:
    return {name for name, verdict in verdicts.items() if verdict.startswith("failed")}


def skipped(verdicts: Verdicts) -> set[str]:
    return {name for name, verdict in verdicts.items() if verdict.startswith("skipped")}


def test_the_known_faults_of_another_layer_are_found(foreign: Verdicts) -> None:
    assert {name: foreign[name] for name in KNOWN_FAULTS - failed(foreign)} == {}


def test_what_another_layer_does_right_passes(foreign: Verdicts) -> None:
    assert {name: foreign[name] for name in RIGHT} == dict.fromkeys(RIGHT, PASSED)


def test_what_the_specification_does_not_ask_for_is_skipped_with_a_reason(foreign: Verdicts) -> None:
    assert {name: foreign[name] for name in EXCUSED} == EXCUSED
    assert len(skipped(foreign)) < len(foreign) / 2


def test_a_setting_that_a_layer_shows_nowhere_is_skipped() -> None:
    """`make_layers` may drop what its layers do not take, and say no word of it."""

    class Careless(Foreign):
        SETTINGS = None

        def make_layers(self, count: int, **settings: Any) -> list[ChannelLayer]:
            taken = {name: value for name, value in settings.items() if name in SPECIFIED_SETTINGS}
            return super().make_layers(count, **taken)

    name = "test_drop_oldest_keeps_the_newest"
    assert verdict(Careless(), name) == "skipped: the layer does not take the settings policy"


def test_a_layer_of_ours_is_excused_from_nothing() -> None:
    ours = verdicts(test_memory_conformance.TestMemoryLayer)
    assert failed(ours) == set()
    assert skipped(ours) == {  # for there is nothing behind it that could die
        "test_fault_11_an_interruption_ends_no_consumer_and_is_told",
        "test_fault_12_a_process_that_is_killed_is_a_member_no_more",
        "test_fault_12_members_that_were_killed_make_no_group_send_dearer",
    }
