"""The example as a test: the full data set, or CITIES=n of it."""

import os

import cities
from stator_process import stator_binary
from world_cities import survive_kill


def test_every_city_survives_kill_9(tmp_path):
    limit = os.environ.get("CITIES")
    expected = cities.source(int(limit) if limit else None)
    assert limit or len(expected) > 50_000
    survive_kill(stator_binary(), expected, threads=4, data_dir=tmp_path / "data")
