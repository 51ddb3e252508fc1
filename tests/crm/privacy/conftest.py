import pytest


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """Media and the file of the erased, of this test alone."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ERASED_FILE = tmp_path / "erased.jsonl"
    settings.MEDIA_ROOT.mkdir()
    return tmp_path
