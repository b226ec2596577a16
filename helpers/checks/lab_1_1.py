"""The checks of lab 1.1: card payments landed once, from files, stores and streams."""

from helpers.checks.card_features import open_a_feature_group
from helpers.checks.card_files import rewrite_for_readers
from helpers.checks.card_merge import merge_the_sources
from helpers.checks.card_placing import place_six_workloads
from helpers.checks.card_stores import pull_from_four_stores
from helpers.checks.card_streams import drain_the_hot_shard

__all__ = [
    "drain_the_hot_shard",
    "merge_the_sources",
    "open_a_feature_group",
    "place_six_workloads",
    "pull_from_four_stores",
    "rewrite_for_readers",
]
