"""Fixtures for the flows: an empty account and empty pools."""

from __future__ import annotations

import pytest

from tests.unit.flows.fakes import Account, Pool


@pytest.fixture
def account():
    """Return an empty account."""
    return Account()


@pytest.fixture
def pool():
    """Return pools of which nothing is checked out."""
    return Pool()
