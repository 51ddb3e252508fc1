"""Whatever goes wrong for want of room on the disk is said with how much there is."""

import shutil
from types import SimpleNamespace

import pytest

from doors import room


@pytest.mark.parametrize(("free", "said"), [(12_400_000, " The disk of {} has 12 MB left."), (5_000_000_000, "")])
def test_little_room_is_said_and_enough_is_not(tmp_path, monkeypatch, free, said):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))

    assert room.left(tmp_path, tmp_path / "not there") == said.format(tmp_path)
