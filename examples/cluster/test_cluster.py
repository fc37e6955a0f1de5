"""The example as a test: nothing that was acknowledged is lost with the primary, or with a server."""

import os

import pytest
from cluster import demo
from nodes import missing


@pytest.mark.skipif(
    bool(missing()) and os.environ.get("CI") != "true", reason="patroni, etcd-server or postgresql is missing"
)
def test_nothing_is_lost_with_the_primary():
    assert demo(more=100) >= 400
