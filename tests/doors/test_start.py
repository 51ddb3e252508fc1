import subprocess
import sys

from doors.paths import ROOT

LOADED = """
import sys, django
import config.celery
django.setup()
import config.urls
config.celery.app.loader.import_default_modules()
print([name for name in ("scipy", "pandas") if name in sys.modules])
"""


def test_only_the_work_itself_loads_the_heavy_mathematics():
    """Web, relay, worker and beat each took seconds longer to start, and 80 MB more."""
    loaded = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert loaded.stdout == "[]\n"
